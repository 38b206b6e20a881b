import { stripHopByHop } from "../../http1/hop-by-hop.ts";
import { letGo } from "../let-go.ts";
import type { OutboundRequest } from "../transport.ts";
import type { FetchDialect } from "./dialect.ts";

/**
 * Any runtime with a standard `fetch` and no switches. It decodes what comes coded, so the backend is asked
 * not to code, and what was decoded all the same loses the two headers that no longer fit it.
 */
export const standardDialect: FetchDialect = {
  runtime: "standard",
  reachesUnixSockets: false,
  knowsIdentities: false,
  async fetch(url, outbound, signal) {
    const init = { ...standardInit(outbound, signal), headers: uncodedHeaders(outbound) };
    return decodedResponse(await fetch(url, init));
  },
};

/** What every `fetch` is told. */
export function standardInit(outbound: OutboundRequest, signal: AbortSignal): RequestInit {
  const { method } = outbound;
  const init = {
    method,
    headers: outbound.headers,
    body: outbound.body(),
    redirect: "manual",
    signal,
  } as const;
  // Streams may be sent only by those who say that they know (Fetch §5.4, `duplex`).
  return { ...init, duplex: "half" } as RequestInit;
}

/** The headers with content codings refused, as RFC 9110 §12.5.3 has it. */
function uncodedHeaders(outbound: OutboundRequest): Headers {
  const headers = new Headers(outbound.headers);
  headers.set("accept-encoding", "identity");
  return headers;
}

/** An answer whose body the runtime has decoded, as one that is changeable and says what it is. */
function decodedResponse(upstream: Response): Response {
  const headers = new Headers(upstream.headers);
  if (/^(gzip|x-gzip|br|deflate|zstd)$/i.test(headers.get("content-encoding") ?? "")) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  return withHeaders(upstream, headers);
}

/**
 * An answer with a status that HTTP does not know (RFC 9110 §15) or that is none of an answer, such as a 101 that
 * nobody asked for. No `Response` can be made with it.
 */
export class InvalidStatus extends Error {
  override readonly name = "InvalidStatus";
}

/**
 * The same answer with these headers, as far as they are end to end.
 *
 * @throws InvalidStatus for one below 200 or above 599; its body is let go of.
 */
export function withHeaders(upstream: Response, headers: Headers): Response {
  const { status, statusText } = upstream;
  // Deno hands on a 101, and makes such a `Response` too.
  if (status < 200 || status > 599) {
    if (upstream.body !== null) void letGo(upstream.body);
    throw new InvalidStatus(`the answer has the status ${status}`);
  }
  stripHopByHop(headers);
  return new Response(upstream.body, { status, statusText, headers });
}
