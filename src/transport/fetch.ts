import type { BackendTlsOptions } from "./backend-tls.ts";
import { runtimeDialect } from "./dialects/index.ts";
import { fetchFailure, OutOfReach } from "./failure.ts";
import type { Transport } from "./transport.ts";

/** How `fetch` reaches backends. */
export interface FetchOptions {
  /**
   * For backends whose origin is `https`. Bun can do all of it; Deno `ca`, `cert` and `key`; others nothing.
   * Default: as the runtime does by itself.
   */
  readonly tls?: BackendTlsOptions;
}

/**
 * Backends reached with the runtime's own `fetch`: works wherever there is one. What each runtime's `fetch`
 * adds, hides or decodes is undone as far as that runtime allows, by its dialect.
 *
 * @throws Error if the runtime cannot do what `options` ask for.
 */
export function fetchTransport({ tls = {} }: FetchOptions = {}): Transport {
  const dialect = runtimeDialect(tls);
  return {
    name: "fetch",
    knowsIdentities: dialect.knowsIdentities,
    send(backend, outbound, { signal }) {
      const { target } = outbound;
      if (backend.socketPath === "") return dialect.fetch(backend.origin + target, outbound, signal, backend);
      if (!dialect.reachesUnixSockets) return Promise.reject(new OutOfReach());
      return dialect.fetch(`http://${backend.host}${target}`, outbound, signal, backend);
    },
    failure: fetchFailure,
  };
}
