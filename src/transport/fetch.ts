import { runtimeDialect } from "./dialects/index.ts";
import { fetchFailure } from "./failure.ts";
import type { Transport } from "./transport.ts";

/**
 * Backends reached with the runtime's own `fetch`: works wherever there is one. What each runtime's `fetch`
 * adds, hides or decodes is undone as far as that runtime allows, by its dialect.
 */
export function fetchTransport(): Transport {
  const dialect = runtimeDialect();
  return {
    name: "fetch",
    send: (backend, outbound, { signal }) =>
      dialect.fetch(backend.origin + outbound.target, outbound, signal),
    failure: fetchFailure,
  };
}
