/** The types that users write against are what the schemas take: no key more, none less, none of another type. */
import { expect, test } from "bun:test";
import type * as v from "valibot";
import type { adaptiveConcurrencySchema } from "../../src/config/adaptive-concurrency.ts";
import type { backendObjectSchema, backendSchema } from "../../src/config/backends.ts";
import type { checkTlsSchema } from "../../src/config/check-tls.ts";
import type { loadBalancerSchema } from "../../src/config/config.ts";
import type { fileSchema } from "../../src/config/file.ts";
import type { healthCheckSchema } from "../../src/config/health-check.ts";
import type { hedgeSchema } from "../../src/config/hedge.ts";
import type { matchSchema } from "../../src/config/match.ts";
import type { MiddlewareConfig } from "../../src/config/middleware/entry.ts";
import type { poolDefaultsSchema, poolSchema } from "../../src/config/pool.ts";
import type { queueSchema } from "../../src/config/queue.ts";
import type {
  circuitBreakerSchema,
  outlierDetectionSchema,
  slowStartSchema,
} from "../../src/config/readiness.ts";
import type { ResolvedPool } from "../../src/config/resolved.ts";
import type { routeSchema } from "../../src/config/routes.ts";
import type { stickyCookieSchema, stickySchema, stickyTableSchema } from "../../src/config/sticky.ts";
import type * as backends from "../../src/config/types/backends.ts";
import type * as capacity from "../../src/config/types/capacity.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import type { FileConfig } from "../../src/config/types/file.ts";
import type { CheckTlsConfig, HealthCheckConfig } from "../../src/config/types/health-check.ts";
import type { MatchConfig } from "../../src/config/types/match.ts";
import type * as middleware from "../../src/config/types/middleware.ts";
import type { PoolConfig, PoolDefaults } from "../../src/config/types/pool.ts";
import type * as readiness from "../../src/config/types/readiness.ts";
import type { RouteConfig } from "../../src/config/types/routes.ts";
import type * as sticky from "../../src/config/types/sticky.ts";
import type { HedgeConfig } from "../../src/config/types/tries.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fails to compile where the two are not the same. */
function same<A, B>(..._: Same<A, B> extends true ? [] : [found: A, expected: B]): void {}

test("they are the same, or this file does not compile", () => {
  same<v.InferInput<typeof adaptiveConcurrencySchema>, capacity.AdaptiveConcurrencyConfig>();
  same<v.InferInput<typeof queueSchema>, capacity.QueueConfig>();
  same<v.InferInput<typeof backendObjectSchema>, backends.BackendOptions>();
  same<v.InferInput<typeof backendSchema>, backends.BackendConfig>();
  same<v.InferInput<typeof checkTlsSchema>, CheckTlsConfig>();
  same<v.InferInput<typeof healthCheckSchema>, HealthCheckConfig>();
  same<v.InferInput<typeof hedgeSchema>, HedgeConfig>();
  same<v.InferInput<typeof outlierDetectionSchema>, readiness.OutlierDetectionConfig>();
  same<v.InferInput<typeof circuitBreakerSchema>, readiness.CircuitBreakerConfig>();
  same<v.InferInput<typeof slowStartSchema>, readiness.SlowStartConfig>();
  same<v.InferInput<typeof stickyCookieSchema>, sticky.StickyCookieConfig>();
  same<v.InferInput<typeof stickyTableSchema>, sticky.StickyTableConfig>();
  same<v.InferInput<typeof stickySchema>, sticky.StickyConfig>();
  same<v.InferInput<typeof poolDefaultsSchema>, PoolDefaults>();
  same<v.InferInput<typeof poolSchema>, PoolConfig>();
  same<v.InferInput<typeof loadBalancerSchema>, LoadBalancerConfig>();
  same<v.InferInput<typeof matchSchema>, MatchConfig>();
  same<v.InferInput<typeof routeSchema>, RouteConfig>();
  same<MiddlewareConfig, middleware.MiddlewareConfig>();
  same<v.InferInput<typeof fileSchema>, FileConfig>();
  same<v.InferOutput<typeof poolSchema>, ResolvedPool>();
  // @ts-expect-error: the comparison sees a key that may be left out.
  same<{ a?: number }, { a: number }>();
  // @ts-expect-error: and that a key is of another type.
  same<{ a: number }, { a: number | string }>();
  expect.assertions(0);
});
