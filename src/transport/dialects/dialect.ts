import type { Backend } from "../../core/backend.ts";
import type { OutboundRequest } from "../transport.ts";

/**
 * How one runtime's `fetch` is brought to pass a request and its answer on as they are. What it cannot be
 * brought to is in docs/REFERENCE.md, and pinned by the conformance suite.
 */
export interface FetchDialect {
  readonly runtime: string;
  /** Whether it reaches Unix sockets. */
  readonly reachesUnixSockets: boolean;
  /** Whether it goes by what a backend has of its own in `tls`. */
  readonly knowsIdentities: boolean;
  /**
   * Sends the request to `url` and gives the answer with its body undecoded, and its headers changeable and end to end.
   * Rejects with whatever the runtime throws.
   *
   * @param backend Who is behind the URL: if it has a Unix socket, that is connected to, whatever host the URL has.
   */
  fetch(url: string, outbound: OutboundRequest, signal: AbortSignal, backend: Backend): Promise<Response>;
}
