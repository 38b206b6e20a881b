import { type BackendTlsOptions, refuseUnableFetch } from "../backend-tls.ts";
import { bunDialect } from "./bun.ts";
import { denoDialect } from "./deno.ts";
import type { FetchDialect } from "./dialect.ts";
import { nodeDialect } from "./node.ts";
import { standardDialect } from "./standard.ts";

/**
 * The dialect of the runtime that this runs in.
 *
 * @param tls How TLS backends are spoken to.
 * @throws Error if the runtime's `fetch` cannot do that.
 */
export function runtimeDialect(tls: BackendTlsOptions): FetchDialect {
  if ("Bun" in globalThis) return bunDialect(tls);
  if ("Deno" in globalThis) {
    refuseUnableFetch("Deno", tls, ["ca", "cert", "key"]);
    return denoDialect(tls);
  }
  refuseUnableFetch("this runtime", tls, []);
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node === undefined ? standardDialect : nodeDialect();
}
