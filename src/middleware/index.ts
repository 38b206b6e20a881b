import { createAddPrefix } from "./add-prefix.ts";
import { createBasicAuth } from "./basic-auth.ts";
import { createCompression } from "./compression.ts";
import { createCors } from "./cors.ts";
import { createFaults } from "./faults.ts";
import { createIpAccess } from "./ip-access.ts";
import { createJwt } from "./jwt.ts";
import { createLimits } from "./limits.ts";
import { createMaintenance } from "./maintenance.ts";
import type { MiddlewareFactory } from "./middleware.ts";
import { createRedirect } from "./redirect.ts";
import { createRequestHeaders } from "./request-headers.ts";
import { createRequestId } from "./request-id.ts";
import { createRespond } from "./respond.ts";
import { createResponseHeaders } from "./response-headers.ts";
import { createRewrite } from "./rewrite.ts";
import { createStripPrefix } from "./strip-prefix.ts";

export { compose } from "./compose.ts";
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
  redirect: createRedirect,
  requestHeaders: createRequestHeaders,
  requestId: createRequestId,
  respond: createRespond,
  responseHeaders: createResponseHeaders,
  rewrite: createRewrite,
  stripPrefix: createStripPrefix,
} satisfies Readonly<Record<string, MiddlewareFactory<never>>>;
