/** A load balancer is a function from Request to Response. */

export { defineConfig } from "./config/define-config.ts";
export { ConfigError, type ConfigProblem } from "./config/problem.ts";
export type { SameSite, StickyBy } from "./config/resolved.ts";
export type { BackendConfig } from "./config/types/backends.ts";
export type { AdaptiveConcurrencyConfig, QueueConfig } from "./config/types/capacity.ts";
export type { LoadBalancerConfig } from "./config/types/config.ts";
export type { BackendTlsConfig, FileConfig, ListenerConfig, ListenerTlsConfig } from "./config/types/file.ts";
export type { CheckTlsConfig, HealthCheckConfig } from "./config/types/health-check.ts";
export type { MatchConfig, ValueMatchConfig } from "./config/types/match.ts";
export type { MiddlewareConfig } from "./config/types/middleware.ts";
export type { PoolConfig, PoolDefaults } from "./config/types/pool.ts";
export type {
  CircuitBreakerConfig,
  OutlierDetectionConfig,
  SlowStartConfig,
} from "./config/types/readiness.ts";
export type { MirrorConfig, RouteConfig, SplitConfig } from "./config/types/routes.ts";
export type { StickyConfig } from "./config/types/sticky.ts";
export type { HedgeConfig } from "./config/types/tries.ts";
export type { Backend, StateName } from "./core/backend.ts";
export type { BackendStatus } from "./core/backend-status.ts";
export type { Cancel, Clock } from "./core/clock.ts";
export type { BackendVerdict, Decision, PoolVerdict } from "./core/explanation/pool-verdict.ts";
export type { StateChange } from "./core/health.ts";
export { Outcome } from "./core/outcome.ts";
export type { PanicChange } from "./core/panic.ts";
export type { Algorithm } from "./core/picking/index.ts";
export { type Choice, pickBy } from "./core/picking/pick-by.ts";
export type { KeySource, Picker, PickerFactory } from "./core/picking/picker.ts";
export type { PickForecast, PickPreview, Prospect } from "./core/picking/preview.ts";
export type { Random } from "./core/random.ts";
export { seededRandom } from "./core/random.ts";
export {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerDeps,
  type LoadBalancerStatus,
  type TryFailure,
} from "./load-balancer.ts";
export type { Middleware, Next, RequestContext } from "./middleware/middleware.ts";
export type { ClientInfo, Handler } from "./proxy/client.ts";
export type { RateRules, RateVerdict } from "./rate-limit/meter.ts";
export type { RouteVerdict } from "./routing/route-table.ts";
export type {
  ExplainedRequest,
  Explanation,
  MirrorExplanation,
  PoolExplanation,
} from "./serving/explanation.ts";
export { MemoryState } from "./shared-state/memory.ts";
export type { RateLimiter, SharedState } from "./shared-state/shared-state.ts";
export type { BackendTlsOptions } from "./transport/backend-tls.ts";
export { fetchTransport } from "./transport/fetch.ts";
export type { ExchangeHooks, OutboundRequest, Transport, TransportFailure } from "./transport/transport.ts";
