import { runtimeDialect } from "./dialects/index.ts";
import { fetchFailure, OutOfReach } from "./failure.ts";
import type { Transport } from "./transport.ts";

/**
 * Backends reached with the runtime's own `fetch`: works wherever there is one. What each runtime's `fetch`
 * adds, hides or decodes is undone as far as that runtime allows, by its dialect.
 */
export function fetchTransport(): Transport {
  const dialect = runtimeDialect();
  return {
    name: "fetch",
    send(backend, outbound, { signal }) {
      const { socketPath } = backend;
      if (socketPath === "") return dialect.fetch(backend.origin + outbound.target, outbound, signal, "");
      if (!dialect.reachesUnixSockets) return Promise.reject(new OutOfReach());
      return dialect.fetch(`http://${backend.host}${outbound.target}`, outbound, signal, socketPath);
    },
    failure: fetchFailure,
  };
}
