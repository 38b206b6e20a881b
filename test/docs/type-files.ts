import { adaptiveConcurrencySchema } from "../../src/config/adaptive-concurrency.ts";
import { adminSchema } from "../../src/config/admin.ts";
import { backendTlsSchema } from "../../src/config/backend-tls.ts";
import { backendObjectSchema, backendSchema } from "../../src/config/backends.ts";
import { checkTlsSchema } from "../../src/config/check-tls.ts";
import { loadBalancerSchema } from "../../src/config/config.ts";
import { fileSchema } from "../../src/config/file.ts";
import { healthCheckSchema } from "../../src/config/health-check.ts";
import { hedgeAfterSchema, hedgePercentileSchema, hedgeSchema } from "../../src/config/hedge.ts";
import { listenerSchema, listenerTlsSchema } from "../../src/config/listeners.ts";
import { matchSchema, valueMatchSchema } from "../../src/config/match.ts";
import { addPrefixOptionsSchema, addPrefixSchema } from "../../src/config/middleware/add-prefix.ts";
import { basicAuthSchema } from "../../src/config/middleware/basic-auth.ts";
import { compressionSchema } from "../../src/config/middleware/compression.ts";
import { corsSchema } from "../../src/config/middleware/cors.ts";
import { middlewareSchema } from "../../src/config/middleware/entry.ts";
import { abortSchema, delaySchema, faultsSchema } from "../../src/config/middleware/faults.ts";
import { ipAccessSchema } from "../../src/config/middleware/ip-access.ts";
import { jwtSchema } from "../../src/config/middleware/jwt.ts";
import { limitsSchema } from "../../src/config/middleware/limits.ts";
import { maintenanceSchema } from "../../src/config/middleware/maintenance.ts";
import { rateLimitSchema } from "../../src/config/middleware/rate-limit.ts";
import { redirectSchema } from "../../src/config/middleware/redirect.ts";
import { requestHeadersSchema } from "../../src/config/middleware/request-headers.ts";
import { requestIdSchema } from "../../src/config/middleware/request-id.ts";
import { respondSchema } from "../../src/config/middleware/respond.ts";
import { responseHeadersSchema } from "../../src/config/middleware/response-headers.ts";
import { rewriteSchema } from "../../src/config/middleware/rewrite.ts";
import { stripPrefixOptionsSchema, stripPrefixSchema } from "../../src/config/middleware/strip-prefix.ts";
import { poolDefaultsSchema, poolSchema } from "../../src/config/pool.ts";
import { queueSchema } from "../../src/config/queue.ts";
import { circuitBreakerSchema, outlierDetectionSchema, slowStartSchema } from "../../src/config/readiness.ts";
import { mirrorSchema, routeSchema } from "../../src/config/routes.ts";
import { splitSchema } from "../../src/config/split.ts";
import { stickyCookieSchema, stickySchema, stickyTableSchema } from "../../src/config/sticky.ts";
import type { TypeFiles } from "./config-types.ts";
import type { Node } from "./schema-node.ts";

/** What stands in which file of src/config/types: every schema that has a name. */
export const TYPE_FILES = {
  "backends.ts": [backendObjectSchema, backendSchema],
  "capacity.ts": [adaptiveConcurrencySchema, queueSchema],
  "config.ts": [loadBalancerSchema],
  "file.ts": [listenerTlsSchema, listenerSchema, backendTlsSchema, adminSchema, fileSchema],
  "health-check.ts": [checkTlsSchema, healthCheckSchema],
  "match.ts": [valueMatchSchema, matchSchema],
  "middleware.ts": [middlewareSchema],
  "middleware-access.ts": [basicAuthSchema, ipAccessSchema, jwtSchema, rateLimitSchema],
  "middleware-answers.ts": [
    compressionSchema,
    delaySchema,
    abortSchema,
    faultsSchema,
    limitsSchema,
    maintenanceSchema,
    respondSchema,
  ],
  "middleware-headers.ts": [corsSchema, requestHeadersSchema, requestIdSchema, responseHeadersSchema],
  "middleware-paths.ts": [
    addPrefixOptionsSchema,
    addPrefixSchema,
    redirectSchema,
    rewriteSchema,
    stripPrefixOptionsSchema,
    stripPrefixSchema,
  ],
  "pool.ts": [poolDefaultsSchema, poolSchema],
  "readiness.ts": [outlierDetectionSchema, circuitBreakerSchema, slowStartSchema],
  "routes.ts": [splitSchema, mirrorSchema, routeSchema],
  "sticky.ts": [stickyCookieSchema, stickyTableSchema, stickySchema],
  "tries.ts": [hedgeAfterSchema, hedgePercentileSchema, hedgeSchema],
} as const satisfies TypeFiles;

/** What the reference tells of, in this order. */
export const CONFIG_SCHEMAS = [
  loadBalancerSchema,
  poolSchema,
  poolDefaultsSchema,
  backendSchema,
  backendObjectSchema,
  healthCheckSchema,
  checkTlsSchema,
  outlierDetectionSchema,
  circuitBreakerSchema,
  slowStartSchema,
  adaptiveConcurrencySchema,
  queueSchema,
  hedgeSchema,
  hedgeAfterSchema,
  hedgePercentileSchema,
  stickySchema,
  stickyCookieSchema,
  stickyTableSchema,
  routeSchema,
  matchSchema,
  valueMatchSchema,
  splitSchema,
  mirrorSchema,
  middlewareSchema,
  addPrefixSchema,
  addPrefixOptionsSchema,
  basicAuthSchema,
  compressionSchema,
  corsSchema,
  faultsSchema,
  delaySchema,
  abortSchema,
  ipAccessSchema,
  jwtSchema,
  limitsSchema,
  maintenanceSchema,
  rateLimitSchema,
  redirectSchema,
  requestHeadersSchema,
  requestIdSchema,
  respondSchema,
  responseHeadersSchema,
  rewriteSchema,
  stripPrefixSchema,
  stripPrefixOptionsSchema,
  fileSchema,
  listenerSchema,
  listenerTlsSchema,
  backendTlsSchema,
  adminSchema,
] as const satisfies readonly Node[];
