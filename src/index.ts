/** A load balancer is a function from Request to Response. */
export type { AdaptiveConcurrencyConfig } from "./config/adaptive-concurrency.ts";
export type { BackendConfig } from "./config/backends.ts";
export type { LoadBalancerConfig } from "./config/config.ts";
export type { HealthCheckConfig } from "./config/health-check.ts";
export type { HedgeConfig } from "./config/hedge.ts";
export { ConfigError } from "./config/problem.ts";
export type { QueueConfig } from "./config/queue.ts";
export type { CircuitBreakerConfig, OutlierDetectionConfig, SlowStartConfig } from "./config/readiness.ts";
export type { SameSite, StickyBy, StickyConfig } from "./config/sticky.ts";
export type { Backend, StateName } from "./core/backend.ts";
export type { BackendStatus } from "./core/backend-status.ts";
export type { Cancel, Clock } from "./core/clock.ts";
export type { StateChange } from "./core/health.ts";
export { Outcome } from "./core/outcome.ts";
export type { PanicChange } from "./core/panic.ts";
export type { Algorithm } from "./core/picking/index.ts";
export { type Choice, pickBy } from "./core/picking/pick-by.ts";
export type { KeySource, Picker, PickerFactory } from "./core/picking/picker.ts";
export type { Random } from "./core/random.ts";
export { seededRandom } from "./core/random.ts";
export {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerDeps,
  type LoadBalancerStatus,
  type TryFailure,
} from "./load-balancer.ts";
export type { ClientInfo, Handler } from "./proxy/client.ts";
export type { BackendTlsOptions } from "./transport/backend-tls.ts";
export { type FetchOptions, fetchTransport } from "./transport/fetch.ts";
export type { ExchangeHooks, OutboundRequest, Transport, TransportFailure } from "./transport/transport.ts";
