import type { OutboundRequest } from "../transport.ts";

/**
 * How one runtime's `fetch` is brought to pass a request and its answer on as they are. What it cannot be
 * brought to is in docs/REFERENCE.md, and pinned by the conformance suite.
 */
export interface FetchDialect {
  readonly runtime: string;
  /** Whether it reaches Unix sockets. */
  readonly reachesUnixSockets: boolean;
  /**
   * Sends the request to `url` and gives the answer with its body undecoded, and its headers changeable and end to end.
   * Rejects with whatever the runtime throws.
   *
   * @param socketPath Of the Unix socket to connect to, if it reaches them, whatever host the URL has. "" for none.
   */
  fetch(url: string, outbound: OutboundRequest, signal: AbortSignal, socketPath: string): Promise<Response>;
}
