import { runtimeDialect } from "./dialects/index.ts";
import { transportError } from "./failure.ts";
import type { Transport } from "./transport.ts";

/**
 * Backends reached with the runtime's own `fetch`: works wherever there is one. What each runtime's `fetch`
 * adds, hides or decodes is undone as far as that runtime allows, by its dialect.
 */
export function fetchTransport(): Transport {
  const dialect = runtimeDialect();
  return {
    name: "fetch",
    async send(backend, outbound, signal) {
      try {
        return await dialect.fetch(backend.origin + outbound.target, outbound, signal);
      } catch (error) {
        throw signal.aborted ? error : transportError(error);
      }
    },
  };
}
