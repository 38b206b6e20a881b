// Written by `npm run docs` from the schemas: change those.
import type { Algorithm } from "../../core/picking/index.ts";
import type { PickerFactory } from "../../core/picking/picker.ts";
import type { RetriedStatus, RetryCondition } from "../../core/retry.ts";
import type { BackendConfig } from "./backends.ts";
import type { AdaptiveConcurrencyConfig, QueueConfig } from "./capacity.ts";
import type { HealthCheckConfig } from "./health-check.ts";
import type { CircuitBreakerConfig, OutlierDetectionConfig, SlowStartConfig } from "./readiness.ts";
import type { StickyConfig } from "./sticky.ts";
import type { HedgeConfig } from "./tries.ts";

/** How requests are balanced over backends. Every key has a default. */
export interface PoolDefaults {
  /**
   * How a backend is chosen: `round-robin`, `random`, `least-connections`, `power-of-two`, `peak-ewma`,
   * `first`, `ip-hash`, `uri-hash`, `header:NAME` or `cookie:NAME`; or a function that makes a picker.
   * Default `"round-robin"`.
   */
  readonly algorithm?: Algorithm | PickerFactory;
  /**
   * For the algorithms that go by a key (the last four): how many times its share, by weight, of the requests
   * under way a backend may have until those with its keys go to another. Above 1, up to 100; `false` is no
   * limit. Default 1.25.
   */
  readonly hashBalanceFactor?: number | false;
  /**
   * What keeps a client's requests at one backend, whatever the algorithm; `false` is nothing. Default
   * `false`.
   */
  readonly sticky?: StickyConfig | false;
  /**
   * Active health checks; `false` turns them off: then a backend that refuses a connection is out for ten
   * seconds. Default: on, with its own defaults.
   */
  readonly healthCheck?: HealthCheckConfig | false;
  /**
   * When live traffic takes a backend out; `false` turns it off, but for refused connections. Default: on,
   * with its own defaults.
   */
  readonly outlierDetection?: OutlierDetectionConfig | false;
  /**
   * When a backend that fails is left alone for a time, be it the last one; `{}` is so by the defaults,
   * `false` is never. Default `false`.
   */
  readonly circuitBreaker?: CircuitBreakerConfig | false;
  /**
   * How a backend that comes back, or is added, takes up its share; `{}` is by the defaults, `false` is at
   * once. Default `false`.
   */
  readonly slowStart?: SlowStartConfig | false;
  /** The most requests under way at each backend that says nothing of its own; 0 is no limit. Default 0. */
  readonly maxInFlight?: number;
  /**
   * How each backend's limit on requests under way follows its latency; `{}` is by the defaults, `false`: it
   * does not. Default `false`.
   */
  readonly adaptiveConcurrency?: AdaptiveConcurrencyConfig | false;
  /**
   * How requests wait while every backend is full, which none is without `maxInFlight`, `adaptiveConcurrency`
   * or a circuit breaker; `false`: not at all, they get 503 at once. Default: on, with its own defaults.
   */
  readonly queue?: QueueConfig | false;
  /**
   * How much of a tier may be out before the next one gets a part of the traffic: with 1.4 (Envoy's default)
   * a tier is enough for all of it while five sevenths of its weights are available. 0: the next one gets
   * nothing while any is. Otherwise at least 1. Default 0.
   */
  readonly overprovisioning?: number;
  /**
   * Panic: with fewer available backends than this, in percent, all get traffic but those that nothing can
   * connect to, so that the few do not break too. 0 is never; `auto` is 50 if there are more than three
   * backends. Default `"auto"`.
   */
  readonly panicThreshold?: "auto" | number;
  /** Tries after the first, for a request whose try failed. Default 2. */
  readonly retries?: number;
  /**
   * Retries and second tries under way at once, of all requests together, beside their budget: a request that
   * would be one more is not tried again (Envoy's `max_retries`). 0 is no limit but the budget. Default 0.
   */
  readonly maxRetries?: number;
  /**
   * What is tried again: failures, and answers with these statuses, of `connect`, `reset`, `timeout`, `500`,
   * `502`, `503`, `504`. Once a request may have reached a backend, only one that may be repeated (GET, HEAD,
   * PUT, DELETE, OPTIONS). Default `["connect", "reset"]`.
   */
  readonly retryOn?: readonly (RetryCondition | RetriedStatus)[];
  /**
   * The most of a request's body that is kept in memory for another try, in bytes: a request of which more
   * was sent has one try. 0 keeps nothing. Default 65,536.
   */
  readonly replayLimitBytes?: number;
  /**
   * When a second try is begun on another backend, beside one that has no answer yet: the first answer
   * counts, and the other try is given up. Only for requests that may be repeated, whose body is kept whole.
   * `false` is never. Default `false`.
   */
  readonly hedge?: HedgeConfig | false;
  /**
   * The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit. Default
   * 60,000.
   */
  readonly timeoutMs?: number;
  /**
   * The longest wait for the head of an answer in one try, in milliseconds; 0 is no limit but `timeoutMs`.
   * Default 0.
   */
  readonly tryTimeoutMs?: number;
  /**
   * The longest time from the end of a request's head to the last byte of its answer, in milliseconds; 0 is
   * no limit. Before an answer has begun the client then gets 504; after that its answer breaks off. Default
   * 0.
   */
  readonly requestTimeoutMs?: number;
  /**
   * The longest silence of a backend in the middle of an answer's body, in milliseconds; 0 is no limit: an
   * event stream may be silent for as long as it likes, and nothing tells it from a backend that hangs.
   * Default 0.
   */
  readonly bodyTimeoutMs?: number;
  /**
   * The longest time in which a client takes nothing of an answer that is there for it, in milliseconds; 0 is
   * no limit. Then the answer breaks off, and the backend is let go of. The default is that of nginx's
   * `send_timeout`; the server of `lb/front` has one of its own. Default 60,000.
   */
  readonly writeTimeoutMs?: number;
  /**
   * The name of a field in which trusted proxies say how many milliseconds they leave for a request, such as
   * `x-envoy-expected-rq-timeout-ms`: less than `requestTimeoutMs` counts instead of it. `false` is none.
   * Default `false`.
   */
  readonly deadlineHeader?: string | false;
}

/** Backends that serve the same, and how requests are balanced over them. */
export interface PoolConfig extends PoolDefaults {
  /** Where requests go: at least one origin, each once. */
  readonly backends: readonly BackendConfig[];
}
