import type { MiddlewareFactory } from "./middleware.ts";

export { compose } from "./middleware.ts";

/**
 * The middlewares that a config can name, each in a file of its own. A new one is a line here and one in
 * `src/config/middleware/index.ts`.
 */
export const MIDDLEWARES = {} satisfies Readonly<Record<string, MiddlewareFactory<never>>>;
