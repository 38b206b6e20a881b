import { resolve } from "node:path";
import { BUN, DENO, NODE } from "./capabilities.ts";
import type { Runtime } from "./runtime.ts";

/** The repository's own copy of a runtime. */
function binary(name: string): string {
  return resolve(import.meta.dir, "../../node_modules/.bin", name);
}

/** Bun, which runs TypeScript. */
export const BUN_RUNTIME: Runtime = {
  name: "bun",
  capabilities: BUN,
  command: [binary("bun"), "run"],
  needsBundle: false,
};

/** Deno, which runs TypeScript; it is to leave nothing in the repository. */
export const DENO_RUNTIME: Runtime = {
  name: "deno",
  capabilities: DENO,
  command: [binary("deno"), "run", "-A", "--no-config", "--no-lock"],
  needsBundle: false,
};

/** Node as it is installed. */
export const NODE_RUNTIME: Runtime = {
  name: "node",
  capabilities: NODE,
  command: ["node"],
  needsBundle: true,
};
