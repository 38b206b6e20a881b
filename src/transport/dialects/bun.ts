import { stripHopByHop } from "../../http1/hop-by-hop.ts";
import type { BackendTlsOptions } from "../backend-tls.ts";
import type { FetchDialect } from "./dialect.ts";

interface BunInit extends BunFetchRequestInit {
  decompress: boolean;
  proxy: false;
  timeout: false;
}

/**
 * Bun: can be told not to decode, not to use the environment's proxy and never to time out by itself, and
 * gives answers whose headers can be changed, so that they go to the client as they are, without a copy.
 */
export function bunDialect(options: BackendTlsOptions): FetchDialect {
  const shared = tlsOf(options);
  return {
    runtime: "bun",
    reachesUnixSockets: true,
    knowsIdentities: true,
    fetch(url, outbound, signal, { socketPath, tls: own }) {
      const init: BunInit = {
        method: outbound.method,
        headers: outbound.headers,
        body: outbound.body(),
        redirect: "manual",
        decompress: false,
        proxy: false,
        timeout: false,
        signal,
      };
      if (socketPath !== "") init.unix = socketPath;
      const tls = own === undefined ? shared : tlsOf({ ...options, ...own });
      if (tls !== undefined) init.tls = tls;
      return fetch(url, init as RequestInit).then(endToEnd);
    },
  };
}

/** Undefined if nothing is asked for. */
function tlsOf({ verify, ...rest }: BackendTlsOptions): BunInit["tls"] {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (verify === false) given.push(["rejectUnauthorized", false as never]);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function endToEnd(upstream: Response): Response {
  stripHopByHop(upstream.headers);
  return upstream;
}
