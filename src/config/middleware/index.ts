import type * as v from "valibot";
import { addPrefixSchema } from "./add-prefix.ts";
import { basicAuthSchema } from "./basic-auth.ts";
import { compressionSchema } from "./compression.ts";
import { corsSchema } from "./cors.ts";
import { faultsSchema } from "./faults.ts";
import { ipAccessSchema } from "./ip-access.ts";
import { jwtSchema } from "./jwt.ts";
import { limitsSchema } from "./limits.ts";
import { maintenanceSchema } from "./maintenance.ts";
import { rateLimitSchema } from "./rate-limit.ts";
import { redirectSchema } from "./redirect.ts";
import { requestHeadersSchema } from "./request-headers.ts";
import { requestIdSchema } from "./request-id.ts";
import { respondSchema } from "./respond.ts";
import { responseHeadersSchema } from "./response-headers.ts";
import { rewriteSchema } from "./rewrite.ts";
import { stripPrefixSchema } from "./strip-prefix.ts";

/**
 * The options of the middlewares that a config can name, each in a file of its own. A new one is a line here and one
 * in `src/middleware/index.ts`.
 */
export const MIDDLEWARE_SCHEMAS = {
  addPrefix: addPrefixSchema,
  basicAuth: basicAuthSchema,
  compression: compressionSchema,
  cors: corsSchema,
  faults: faultsSchema,
  ipAccess: ipAccessSchema,
  jwt: jwtSchema,
  limits: limitsSchema,
  maintenance: maintenanceSchema,
  rateLimit: rateLimitSchema,
  redirect: redirectSchema,
  requestHeaders: requestHeadersSchema,
  requestId: requestIdSchema,
  respond: respondSchema,
  responseHeaders: responseHeadersSchema,
  rewrite: rewriteSchema,
  stripPrefix: stripPrefixSchema,
};

/** What a config calls a middleware. */
export type MiddlewareName = keyof typeof MIDDLEWARE_SCHEMAS;

/** What a user writes for each. */
export type MiddlewareOptions = {
  readonly [Name in MiddlewareName]: v.InferInput<(typeof MIDDLEWARE_SCHEMAS)[Name]>;
};

/** The same checked, with every default. */
export type MiddlewareRules = {
  readonly [Name in MiddlewareName]: v.InferOutput<(typeof MIDDLEWARE_SCHEMAS)[Name]>;
};
