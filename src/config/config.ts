import type { BreakerRules } from "../core/breaker.ts";
import type { ConcurrencyRules } from "../core/concurrency-limit.ts";
import type { EjectionRules } from "../core/ejection.ts";
import { HASH_BALANCE_FACTOR } from "../core/picking/hashing.ts";
import type { Algorithm } from "../core/picking/index.ts";
import type { PickerFactory } from "../core/picking/picker.ts";
import type { SlowStartRules } from "../core/slow-start.ts";
import type { QueueRules } from "../core/waiting.ts";
import { type AdaptiveConcurrencyConfig, resolveAdaptiveConcurrency } from "./adaptive-concurrency.ts";
import { parseAlgorithm } from "./algorithm.ts";
import { type BackendConfig, MOST_IN_FLIGHT, parseBackends, type ResolvedBackend } from "./backends.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import {
  HEALTH_CHECK_DEFAULTS,
  type HealthCheckConfig,
  type ResolvedHealthCheck,
  resolveHealthCheck,
} from "./health-check.ts";
import { ConfigError } from "./problem.ts";
import { QUEUE_DEFAULTS, type QueueConfig, resolveQueue } from "./queue.ts";
import {
  type CircuitBreakerConfig,
  OUTLIER_DEFAULTS,
  type OutlierDetectionConfig,
  resolveCircuitBreaker,
  resolveOutlierDetection,
  resolveSlowStart,
  type SlowStartConfig,
} from "./readiness.ts";
import { type ResolvedSticky, resolveSticky, type StickyConfig } from "./sticky.ts";
import { type ResolvedTries, resolveTries, TRIES_DEFAULTS, type TriesConfig } from "./tries.ts";
import { checkKeys, checkPath, checkWord, list, numberWithin, wholeNumber, yesOrNo } from "./values.ts";

/** How a load balancer is set up: what a user writes. Every key but `backends` has a default. */
export interface LoadBalancerConfig extends TriesConfig {
  /** Where requests go: at least one origin, each once. */
  readonly backends: readonly BackendConfig[];
  /** How a backend is chosen: an algorithm's name, or a function that makes a picker. Default `round-robin`. */
  readonly algorithm?: Algorithm | PickerFactory;
  /**
   * For the algorithms that go by a key: how many times its share of the requests under way a backend may have
   * until those with its keys go to another. Above 1; `false` is no limit. Default 1.25.
   */
  readonly hashBalanceFactor?: number | false;
  /** What keeps a client's requests at one backend, whatever the algorithm; `false` is nothing. Default `false`. */
  readonly sticky?: StickyConfig | false;
  /** Active health checks; `false` turns them off. Default: on, with the defaults of `HealthCheckConfig`. */
  readonly healthCheck?: HealthCheckConfig | false;
  /**
   * When live traffic takes a backend out; `false` turns it off, but for refused connections. Default: on, with
   * the defaults of `OutlierDetectionConfig`.
   */
  readonly outlierDetection?: OutlierDetectionConfig | false;
  /** When a backend that fails is left alone for a time, be it the last one. Default `false`: never. */
  readonly circuitBreaker?: CircuitBreakerConfig | false;
  /** How a backend that comes back, or is added, takes up its share. Default `false`: at once. */
  readonly slowStart?: SlowStartConfig | false;
  /** The most requests under way at each backend that says nothing of its own; 0 is no limit. Default 0. */
  readonly maxInFlight?: number;
  /** How each backend's limit on requests under way follows its latency. Default `false`: it does not. */
  readonly adaptiveConcurrency?: AdaptiveConcurrencyConfig | false;
  /**
   * How requests wait while every backend is full; `false`: not at all, they get 503 at once. Default: on, with the
   * defaults of `QueueConfig`. Nothing is ever full without a `maxInFlight` or a circuit breaker.
   */
  readonly queue?: QueueConfig | false;
  /**
   * How much of a tier may be out before the next one gets a part of the traffic: with 1.4 (Envoy's default) a
   * tier is enough for all of it while five sevenths of its weights are available. 0: the next one gets nothing
   * while any is. Otherwise at least 1. Default 0.
   */
  readonly overprovisioning?: number;
  /**
   * Panic: with fewer available backends than this, in percent, all get traffic but those that nothing can connect
   * to, so that the few do not break too. 0 is never; `auto` is 50 if there are more than three backends.
   * Default `auto`.
   */
  readonly panicThreshold?: number | "auto";
  /** The proxies whose `X-Forwarded-*` and `Forwarded` are believed, as addresses or CIDRs. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Also send the standard `Forwarded` header (RFC 7239) to the backends. Default false. */
  readonly forwarded?: boolean;
  /** Where the balancer answers with its own status; `false` turns it off. Default `/lb-status`. */
  readonly statusPath?: string | false;
}

/** A config that was checked, with every default filled in. */
export interface ResolvedConfig extends ResolvedTries {
  readonly backends: readonly ResolvedBackend[];
  readonly algorithm: Algorithm | PickerFactory;
  /** `Infinity` is no limit. */
  readonly hashBalanceFactor: number;
  readonly sticky: ResolvedSticky | false;
  readonly healthCheck: ResolvedHealthCheck | false;
  readonly outlierDetection: EjectionRules | false;
  readonly circuitBreaker: BreakerRules | false;
  readonly slowStart: SlowStartRules | false;
  readonly maxInFlight: number;
  readonly adaptiveConcurrency: ConcurrencyRules | false;
  readonly queue: QueueRules | false;
  readonly overprovisioning: number;
  readonly panicThreshold: number | "auto";
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
  readonly statusPath: string | false;
}

/** Every default in one place; flags, docs and library read them here. */
export const DEFAULTS = {
  algorithm: "round-robin",
  hashBalanceFactor: HASH_BALANCE_FACTOR,
  sticky: false,
  healthCheck: HEALTH_CHECK_DEFAULTS,
  outlierDetection: OUTLIER_DEFAULTS,
  circuitBreaker: false,
  slowStart: false,
  maxInFlight: 0,
  adaptiveConcurrency: false,
  queue: QUEUE_DEFAULTS,
  overprovisioning: 0,
  panicThreshold: "auto",
  ...TRIES_DEFAULTS,
  trustedProxies: [],
  forwarded: false,
  statusPath: "/lb-status",
} as const satisfies Omit<Required<LoadBalancerConfig>, "backends">;

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveConfig(config: LoadBalancerConfig): ResolvedConfig {
  checkKeys("config", config, ["backends", ...Object.keys(DEFAULTS)]);
  const statusPath = config.statusPath ?? DEFAULTS.statusPath;
  if (statusPath !== false) checkPath("statusPath", statusPath, DEFAULTS.statusPath);
  const healthCheck = resolveHealthCheck(config.healthCheck ?? {});
  return {
    backends: parseBackends(config.backends, healthCheck),
    algorithm: parseAlgorithm(config.algorithm ?? DEFAULTS.algorithm),
    hashBalanceFactor: balanceFactor(config.hashBalanceFactor ?? DEFAULTS.hashBalanceFactor),
    sticky: resolveSticky(config.sticky ?? DEFAULTS.sticky),
    healthCheck,
    outlierDetection: resolveOutlierDetection(config.outlierDetection ?? {}),
    circuitBreaker: resolveCircuitBreaker(config.circuitBreaker ?? DEFAULTS.circuitBreaker),
    slowStart: resolveSlowStart(config.slowStart ?? DEFAULTS.slowStart),
    maxInFlight: wholeNumber("maxInFlight", config.maxInFlight ?? DEFAULTS.maxInFlight, 0, MOST_IN_FLIGHT),
    adaptiveConcurrency: resolveAdaptiveConcurrency(
      config.adaptiveConcurrency ?? DEFAULTS.adaptiveConcurrency,
    ),
    queue: resolveQueue(config.queue ?? {}),
    overprovisioning: resolveOverprovisioning(config.overprovisioning ?? DEFAULTS.overprovisioning),
    panicThreshold: resolvePanicThreshold(config.panicThreshold ?? DEFAULTS.panicThreshold),
    ...resolveTries(config),
    trustedProxies: list("trustedProxies", config.trustedProxies ?? DEFAULTS.trustedProxies).map((text) =>
      parseCidr(text, "trustedProxies"),
    ),
    forwarded: yesOrNo("forwarded", config.forwarded ?? DEFAULTS.forwarded),
    statusPath,
  };
}

function resolveOverprovisioning(factor: number): number {
  if (factor === 0) return 0;
  return numberWithin("overprovisioning", factor, 1, 100);
}

function balanceFactor(value: number | false): number {
  if (value === false) return Number.POSITIVE_INFINITY;
  if (typeof value === "number" && value > 1 && value <= 100) return value;
  throw new ConfigError(
    `hashBalanceFactor: found ${JSON.stringify(value)}, expected a number above 1 and up to 100`,
  );
}

function resolvePanicThreshold(threshold: number | "auto"): number | "auto" {
  if (threshold === "auto") return threshold;
  if (typeof threshold === "string") checkWord("panicThreshold", threshold, ["auto"]);
  return numberWithin("panicThreshold", threshold, 0, 100);
}
