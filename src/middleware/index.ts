import { createAddPrefix } from "./add-prefix.ts";
import type { MiddlewareFactory } from "./middleware.ts";
import { createRewrite } from "./rewrite.ts";
import { createStripPrefix } from "./strip-prefix.ts";

export { compose } from "./middleware.ts";
export { RequestScope } from "./request-scope.ts";

/**
 * The middlewares that a config can name, each in a file of its own. A new one is a line here and one in
 * `src/config/middleware/index.ts`.
 */
export const MIDDLEWARES = {
  addPrefix: createAddPrefix,
  rewrite: createRewrite,
  stripPrefix: createStripPrefix,
} satisfies Readonly<Record<string, MiddlewareFactory<never>>>;
