import { changedRequest } from "../proxy/changed-request.ts";
import { withBody } from "../proxy/changed-response.ts";
import { answerTooLarge, contentTooLarge, fieldsTooLarge, problemResponse } from "../proxy/problem.ts";
import { discardAnswer } from "./compose.ts";
import { limitedBody } from "./limited-body.ts";
import type { Middleware, Next } from "./middleware.ts";

/** How large messages may be. */
export interface LimitsRules {
  /** A request's body, in bytes; undefined for no limit. */
  readonly maxRequestBytes?: number | undefined;
  /** An answer's body, in bytes; undefined for no limit. */
  readonly maxResponseBytes?: number | undefined;
  /** All fields of a request, each with its colon and line end, in bytes; undefined for no limit. */
  readonly maxHeaderBytes?: number | undefined;
}

/**
 * Answers 413 or 431 to requests that are too large, and 502 in place of answers that are. What has no known length
 * is counted as it passes, and never held: an answer that turns out too large breaks off.
 */
export function createLimits({ maxRequestBytes, maxResponseBytes, maxHeaderBytes }: LimitsRules): Middleware {
  return function limits(request, next) {
    if (maxHeaderBytes !== undefined && fieldBytes(request.headers) > maxHeaderBytes) {
      return problemResponse(fieldsTooLarge(maxHeaderBytes));
    }
    let answer: Promise<Response>;
    if (maxRequestBytes === undefined) answer = next(request);
    else {
      const length = request.headers.get("content-length");
      if (length !== null && Number(length) > maxRequestBytes) {
        return problemResponse(contentTooLarge(maxRequestBytes));
      }
      // Whoever read the request holds a body to the length that it has.
      const { body } = length === null ? request : NO_BODY;
      answer = body === null ? next(request) : countRequest(request, body, maxRequestBytes, next);
    }
    if (maxResponseBytes === undefined) return answer;
    return answer.then((response) => limitResponse(response, request.method, maxResponseBytes));
  };
}

const NO_BODY = { body: null };

function fieldBytes(headers: Headers): number {
  let bytes = 0;
  headers.forEach((value, name) => {
    // `: ` and CRLF.
    bytes += name.length + value.length + 4;
  });
  return bytes;
}

async function countRequest(
  request: Request,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  next: Next,
): Promise<Response> {
  let isExceeded = false;
  const limited = limitedBody(body, maxBytes, () => {
    isExceeded = true;
  });
  const response = await next(changedRequest(request, { body: limited }));
  // An answer that came before there was too much stands.
  if (!isExceeded) return response;
  discardAnswer(response);
  return problemResponse(contentTooLarge(maxBytes));
}

function limitResponse(response: Response, method: string, maxBytes: number): Response {
  if (method === "HEAD" || response.status === 304) return response;
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) <= maxBytes) return response;
  if (length !== null) {
    discardAnswer(response);
    return problemResponse(answerTooLarge(maxBytes));
  }
  const { body } = response;
  return body === null ? response : withBody(response, limitedBody(body, maxBytes, ignoreExcess));
}

/** The client sees it by its answer, which breaks off. */
function ignoreExcess(): void {}
