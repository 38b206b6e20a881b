import type { ResolvedMiddleware } from "../config/middleware/entry.ts";
import type { MiddlewareName, MiddlewareRules } from "../config/middleware/index.ts";
import { createAddPrefix } from "./add-prefix.ts";
import { createBasicAuth } from "./basic-auth.ts";
import { createCompression } from "./compression.ts";
import { createCors } from "./cors.ts";
import { createFaults } from "./faults.ts";
import { createIpAccess } from "./ip-access.ts";
import { createJwt } from "./jwt.ts";
import { createLimits } from "./limits.ts";
import { createMaintenance } from "./maintenance.ts";
import type { Middleware, MiddlewareDeps, MiddlewareFactory } from "./middleware.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createRedirect } from "./redirect.ts";
import { createRequestHeaders } from "./request-headers.ts";
import { createRequestId } from "./request-id.ts";
import { createRespond } from "./respond.ts";
import { createResponseHeaders } from "./response-headers.ts";
import { createRewrite } from "./rewrite.ts";
import { createStripPrefix } from "./strip-prefix.ts";

export { compose } from "./compose.ts";
export { Kept } from "./kept.ts";
export { RequestScope } from "./request-scope.ts";

/**
 * The middlewares that a config can name, each in a file of its own. A new one is a line here and one in
 * `src/config/middleware/index.ts`.
 */
export const MIDDLEWARES = {
  addPrefix: createAddPrefix,
  basicAuth: createBasicAuth,
  compression: createCompression,
  cors: createCors,
  faults: createFaults,
  ipAccess: createIpAccess,
  jwt: createJwt,
  limits: createLimits,
  maintenance: createMaintenance,
  rateLimit: createRateLimit,
  redirect: createRedirect,
  requestHeaders: createRequestHeaders,
  requestId: createRequestId,
  respond: createRespond,
  responseHeaders: createResponseHeaders,
  rewrite: createRewrite,
  stripPrefix: createStripPrefix,
} satisfies { readonly [Name in MiddlewareName]: MiddlewareFactory<MiddlewareRules[Name]> };

/** What all middlewares of a config are made with; where each stands is added. */
export type ChainDeps = Omit<MiddlewareDeps, "place">;

/**
 * Makes the middlewares that a checked list of a config stands for.
 *
 * @param place Where the list stands, by names that stay when the config is read anew.
 */
export function createMiddlewares(
  entries: readonly ResolvedMiddleware[],
  place: string,
  deps: ChainDeps,
): Middleware[] {
  return entries.map((entry, index) => createMiddleware(entry, { ...deps, place: `${place}[${index}]` }));
}

/**
 * What the entries of a chain are called: by the name of the middleware or of the function, or by their number, from
 * 1 on.
 */
export function middlewareNames(entries: readonly ResolvedMiddleware[]): string[] {
  return entries.map(({ name }, index) => name || `${index + 1}`);
}

/** Makes the middleware that a checked entry of a config's list stands for. */
export function createMiddleware(entry: ResolvedMiddleware, deps: MiddlewareDeps): Middleware {
  if (typeof entry === "function") return entry;
  const factory: MiddlewareFactory<never> = MIDDLEWARES[entry.name];
  // The table's type says that name and rules go together.
  return factory(entry.rules as never, deps);
}
