import * as v from "valibot";
import { HASH_BALANCE_FACTOR } from "../core/picking/hashing.ts";
import { ALGORITHMS } from "../core/picking/index.ts";
import { adaptiveConcurrencySchema } from "./adaptive-concurrency.ts";
import { algorithmSchema } from "./algorithm.ts";
import { backendsSchema, MOST_IN_FLIGHT, withProbes } from "./backends.ts";
import { healthCheckSchema } from "./health-check.ts";
import { queueSchema } from "./queue.ts";
import { circuitBreakerSchema, outlierDetectionSchema, slowStartSchema } from "./readiness.ts";
import type { ResolvedPool } from "./resolved.ts";
import { defaultsOf, named, required, withDefault } from "./schema/keys.ts";
import { pathItem } from "./schema/run.ts";
import { either, objectOf, orFalse } from "./schema/shapes.ts";
import { decimal, decimalAbove, oneOf, wholeNumber } from "./schema/values.ts";
import { stickySchema } from "./sticky.ts";
import { TRIES } from "./tries.ts";

/** How requests are balanced over a pool's backends: all its keys but them. At the top of a config, all pools' defaults. */
export const POOL = {
  algorithm: withDefault(
    `How a backend is chosen: ${ALGORITHMS.map((name) => `\`${name}\``).join(", ")}, \`header:NAME\` or \`cookie:NAME\`; or a function that makes a picker.`,
    algorithmSchema,
    "round-robin",
  ),
  hashBalanceFactor: withDefault(
    "For the algorithms that go by a key (the last four): how many times its share, by weight, of the requests under way a backend may have until those with its keys go to another. Above 1, up to 100; `false` is no limit.",
    v.pipe(
      orFalse(decimalAbove(1, 100)),
      v.transform((factor) => (factor === false ? Number.POSITIVE_INFINITY : factor)),
    ),
    HASH_BALANCE_FACTOR,
  ),
  sticky: withDefault(
    "What keeps a client's requests at one backend, whatever the algorithm; `false` is nothing.",
    orFalse(stickySchema),
    false,
  ),
  healthCheck: withDefault(
    "Active health checks; `false` turns them off: then a backend that refuses a connection is out for ten seconds.",
    orFalse(healthCheckSchema),
    {},
  ),
  outlierDetection: withDefault(
    "When live traffic takes a backend out; `false` turns it off, but for refused connections.",
    orFalse(outlierDetectionSchema),
    {},
  ),
  circuitBreaker: withDefault(
    "When a backend that fails is left alone for a time, be it the last one; `{}` is so by the defaults, `false` is never.",
    orFalse(circuitBreakerSchema),
    false,
  ),
  slowStart: withDefault(
    "How a backend that comes back, or is added, takes up its share; `{}` is by the defaults, `false` is at once.",
    orFalse(slowStartSchema),
    false,
  ),
  maxInFlight: withDefault(
    "The most requests under way at each backend that says nothing of its own; 0 is no limit.",
    wholeNumber(0, MOST_IN_FLIGHT),
    0,
  ),
  adaptiveConcurrency: withDefault(
    "How each backend's limit on requests under way follows its latency; `{}` is by the defaults, `false`: it does not.",
    orFalse(adaptiveConcurrencySchema),
    false,
  ),
  queue: withDefault(
    "How requests wait while every backend is full, which none is without `maxInFlight`, `adaptiveConcurrency` or a circuit breaker; `false`: not at all, they get 503 at once.",
    orFalse(queueSchema),
    {},
  ),
  overprovisioning: withDefault(
    "How much of a tier may be out before the next one gets a part of the traffic: with 1.4 (Envoy's default) a tier is enough for all of it while five sevenths of its weights are available. 0: the next one gets nothing while any is. Otherwise at least 1.",
    either([decimal(1, 100), v.literal(0)], (value) => (value === 0 ? 1 : 0)),
    0,
  ),
  panicThreshold: withDefault(
    "Panic: with fewer available backends than this, in percent, all get traffic but those that nothing can connect to, so that the few do not break too. 0 is never; `auto` is 50 if there are more than three backends.",
    either([oneOf(["auto"]), decimal(0, 100)], (value) => (typeof value === "string" ? 0 : 1)),
    "auto",
  ),
  ...TRIES,
};

/** The defaults. */
export const POOL_DEFAULTS = defaultsOf(POOL);

/** The objects of which a pool may give a part, and have the rest from the top of the config. */
export const MERGED_KEYS = [
  "healthCheck",
  "outlierDetection",
  "circuitBreaker",
  "slowStart",
  "adaptiveConcurrency",
  "queue",
] as const;

/** Where a pool's requests go. */
export const BACKENDS_DOC = "Where requests go: at least one origin, each once.";

/** All pool keys but the backends, for types and the reference: what pools and the top of a config have in common. */
export const poolDefaultsSchema = named(
  "PoolDefaults",
  "How requests are balanced over backends. Every key has a default.",
  objectOf(POOL),
);

const poolObject = objectOf({ backends: required(BACKENDS_DOC, backendsSchema), ...POOL });
type PoolObject = v.InferOutput<typeof poolObject>;

/** One pool. */
export const poolSchema = named(
  "PoolConfig",
  "Backends that serve the same, and how requests are balanced over them.",
  v.pipe(
    poolObject,
    v.rawTransform<PoolObject, ResolvedPool>(({ dataset, addIssue, NEVER }) => {
      if (!dataset.typed) return NEVER;
      const pool = dataset.value;
      const { backends, problems } = withProbes(pool.backends, pool.healthCheck);
      for (const { index, path, message } of problems) {
        const hidden = [index, "healthCheck", ...path].map((key) => pathItem(pool, key, undefined, true));
        addIssue({ message, path: [pathItem(pool, "backends", pool.backends), ...hidden] });
      }
      return { ...pool, backends };
    }),
  ),
  { base: "PoolDefaults" },
);
