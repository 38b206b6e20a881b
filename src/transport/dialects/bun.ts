import { stripHopByHop } from "../../http1/hop-by-hop.ts";
import type { FetchDialect } from "./dialect.ts";

/**
 * Bun: can be told not to decode, not to use the environment's proxy and never to time out by itself, and
 * gives answers whose headers can be changed, so that they go to the client as they are, without a copy.
 */
export const bunDialect: FetchDialect = {
  runtime: "bun",
  fetch(url, outbound, signal) {
    const init: BunFetchRequestInit & { decompress: boolean; proxy: false; timeout: false } = {
      method: outbound.method,
      headers: outbound.headers,
      body: outbound.body(),
      redirect: "manual",
      decompress: false,
      proxy: false,
      timeout: false,
      signal,
    };
    return fetch(url, init as RequestInit).then(endToEnd);
  },
};

function endToEnd(upstream: Response): Response {
  stripHopByHop(upstream.headers);
  return upstream;
}
