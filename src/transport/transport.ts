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
   * @param signal Aborts the exchange, also while the answer's body streams.
   * @throws TransportError only, or whatever the signal was aborted with.
   */
  send(backend: Backend, outbound: OutboundRequest, signal: AbortSignal): Promise<Response>;
}

/** Why no answer came. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** What it means to the core; with `connectFailed` the request was surely not sent, else it may have been. */
  readonly outcome: Outcome;

  /** @param message In words for a log: `connection refused`. */
  constructor(outcome: Outcome, message: string, cause?: unknown) {
    super(message, { cause });
    this.outcome = outcome;
  }
}
