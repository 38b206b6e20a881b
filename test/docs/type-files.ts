import { adaptiveConcurrencySchema } from "../../src/config/adaptive-concurrency.ts";
import { backendObjectSchema, backendSchema } from "../../src/config/backends.ts";
import { loadBalancerSchema } from "../../src/config/config.ts";
import { healthCheckSchema, probeSchema } from "../../src/config/health-check.ts";
import { hedgeAfterSchema, hedgePercentileSchema, hedgeSchema } from "../../src/config/hedge.ts";
import { poolDefaultsSchema, poolSchema } from "../../src/config/pool.ts";
import { queueSchema } from "../../src/config/queue.ts";
import { circuitBreakerSchema, outlierDetectionSchema, slowStartSchema } from "../../src/config/readiness.ts";
import { stickyCookieSchema, stickySchema, stickyTableSchema } from "../../src/config/sticky.ts";
import type { TypeFiles } from "./config-types.ts";
import type { Node } from "./schema-node.ts";

/** What stands in which file of src/config/types: every schema that has a name. */
export const TYPE_FILES = {
  "backends.ts": [backendObjectSchema, backendSchema],
  "capacity.ts": [adaptiveConcurrencySchema, queueSchema],
  "config.ts": [loadBalancerSchema],
  "health-check.ts": [probeSchema, healthCheckSchema],
  "pool.ts": [poolDefaultsSchema, poolSchema],
  "readiness.ts": [outlierDetectionSchema, circuitBreakerSchema, slowStartSchema],
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
  probeSchema,
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
] as const satisfies readonly Node[];
