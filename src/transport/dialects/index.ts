import { bunDialect } from "./bun.ts";
import { denoDialect } from "./deno.ts";
import type { FetchDialect } from "./dialect.ts";
import { nodeDialect } from "./node.ts";
import { standardDialect } from "./standard.ts";

/** The dialect of the runtime that this runs in. */
export function runtimeDialect(): FetchDialect {
  if ("Bun" in globalThis) return bunDialect;
  if ("Deno" in globalThis) return denoDialect();
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node === undefined ? standardDialect : nodeDialect();
}
