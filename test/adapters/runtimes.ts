import { resolve } from "node:path";
import { RELAYING, withFront, withHttp1 } from "./capabilities.ts";
import type { Runtime } from "./runtime.ts";
import { BUN, DENO, NODE } from "./server-capabilities.ts";

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
  command: [binary("deno"), "run", "-A", "--no-lock"],
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
  // It was Deno's `fetch` that rewrote targets, and its answers never were whole at once.
  capabilities: { ...withHttp1(DENO), rewrittenTargets: {}, chunkedAnswer: "content-length" },
};

/** Node with our own client. */
export const NODE_HTTP1: Runtime = {
  ...NODE_RUNTIME,
  transport: "http1",
  capabilities: withHttp1(NODE),
};

/** Our own front and client, in Bun. */
export const BUN_FRONT: Runtime = { ...BUN_HTTP1, front: "http1", capabilities: RELAYING };

/** Our own front and client, in Deno. */
export const DENO_FRONT: Runtime = { ...DENO_HTTP1, front: "http1", capabilities: RELAYING };

/** Our own front and client, in Node. */
export const NODE_FRONT: Runtime = { ...NODE_HTTP1, front: "http1", capabilities: RELAYING };

const SORTED_NAMES = "content-type date etag set-cookie set-cookie x-alpha x-zulu content-length";

/** Our own front before Bun's `fetch`. */
export const BUN_FRONT_FETCH: Runtime = {
  ...BUN_RUNTIME,
  front: "http1",
  capabilities: {
    ...withFront(BUN, "content-type date etag x-alpha x-zulu set-cookie set-cookie content-length"),
    // Bun's `Request` makes a GET of such a method, which must not be sent instead.
    unknownMethod: 501,
  },
};

/** Our own front before Deno's `fetch`. */
export const DENO_FRONT_FETCH: Runtime = {
  ...DENO_RUNTIME,
  front: "http1",
  // Of the reason Deno's `fetch` does not tell.
  capabilities: { ...withFront(DENO, SORTED_NAMES), keepsReason: false },
};

/** Our own front before Node's `fetch`. */
export const NODE_FRONT_FETCH: Runtime = {
  ...NODE_RUNTIME,
  front: "http1",
  capabilities: withFront(NODE, SORTED_NAMES),
};
