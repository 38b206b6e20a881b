/**
 * Changes an answer's fields: in place where they can be changed, else in a copy, to which the body moves.
 *
 * @param change Changes something, whatever it is given.
 * @returns The answer to go on with.
 */
export function withFields(response: Response, change: (headers: Headers) => void): Response {
  // What `fetch` gives cannot be changed everywhere, and nothing but trying tells: the first change throws then, so
  // none is made twice (Fetch §5.1).
  try {
    change(response.headers);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const headers = new Headers(response.headers);
  change(headers);
  return withBody(response, response.body, headers);
}

/**
 * The same answer with another body.
 *
 * @param headers Default: the answer's own.
 */
export function withBody(
  response: Response,
  body: ReadableStream<Uint8Array> | null,
  headers: Headers = response.headers,
): Response {
  const { status, statusText } = response;
  return new Response(body, { status, statusText, headers });
}
