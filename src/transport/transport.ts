import type { Backend } from "../core/backend.ts";
import type { Outcome } from "../core/outcome.ts";

/** A request as it leaves for a backend: everything decided, nothing added on the way. */
export interface OutboundRequest {
  readonly method: string;
  /** Path and query as the client sent them: begins with a slash. */
  readonly target: string;
  /** End-to-end headers, `host` among them. Not changed by sending; used again for the next try. */
  readonly headers: Headers;
  /** The body from its first byte; null if there is none. A new one for each try. */
  body(): BodyInit | null;
  /** Whether repeating the request is harmless (RFC 9110 §9.2.2). */
  readonly idempotent: boolean;
}

/** How requests reach backends. */
export interface Transport {
  readonly name: string;
  /**
   * Sends the request and waits for the head of the final answer. The answer's body is undecoded and
   * streams as it is read; its headers may be changed by the caller. Redirects are answers like any other.
   *
   * Rejects with anything, which `failure` reads: an exchange that goes well pays for no translation.
   *
   * @param signal Aborts the exchange, also while the answer's body streams.
   */
  send(backend: Backend, outbound: OutboundRequest, signal: AbortSignal): Promise<Response>;
  /** What it meant that `send` rejected. */
  failure(error: unknown): TransportFailure;
}

/** Why no answer came. */
export interface TransportFailure {
  /** With `connectFailed` the request was surely not sent; with any other it may have been processed. */
  readonly outcome: Outcome;
  /** In words, for a log: `connection refused`. */
  readonly message: string;
}
