import { resolve } from "node:path";
import { BUN, DENO, NODE, withHttp1 } from "./capabilities.ts";
import type { Runtime } from "./runtime.ts";

/** The repository's own copy of a runtime. */
function binary(name: string): string {
  return resolve(import.meta.dir, "../../node_modules/.bin", name);
}

/** Bun, which runs TypeScript. */
export const BUN_RUNTIME: Runtime = {
  name: "bun",
  capabilities: BUN,
  transport: "fetch",
  front: "web",
  command: [binary("bun"), "run"],
  needsBundle: false,
};

/** Deno, which runs TypeScript; it is to leave nothing in the repository. */
export const DENO_RUNTIME: Runtime = {
  name: "deno",
  capabilities: DENO,
  transport: "fetch",
  front: "web",
  command: [binary("deno"), "run", "-A", "--no-config", "--no-lock"],
  needsBundle: false,
};

/** Node as it is installed. */
export const NODE_RUNTIME: Runtime = {
  name: "node",
  capabilities: NODE,
  transport: "fetch",
  front: "web",
  command: ["node"],
  needsBundle: true,
};

/** Bun with our own client. */
export const BUN_HTTP1: Runtime = {
  ...BUN_RUNTIME,
  transport: "http1",
  capabilities: {
    ...withHttp1(BUN),
    // What is left is the server's: it was Bun's `fetch` that took a slash away.
    rewrittenTargets: { "/a/../b": "/b", "/a/./b": "/a/b", "/%2e%2e/b": "/b" },
    saysOfBrokenBody: /^$/,
  },
};

/** Deno with our own client. */
export const DENO_HTTP1: Runtime = {
  ...DENO_RUNTIME,
  transport: "http1",
  // It was Deno's `fetch` that rewrote targets.
  capabilities: { ...withHttp1(DENO), rewrittenTargets: {} },
};

/** Node with our own client. */
export const NODE_HTTP1: Runtime = {
  ...NODE_RUNTIME,
  transport: "http1",
  capabilities: withHttp1(NODE),
};
