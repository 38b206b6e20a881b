import { MOST_WAITING } from "../config/queue.ts";
import type { ProbeMethod } from "../config/resolved.ts";
import type { AdaptiveConcurrencyConfig, QueueConfig } from "../config/types/capacity.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { HealthCheckConfig } from "../config/types/health-check.ts";
import type { Given } from "./given.ts";
import { someOf, withoutUndefined } from "./without-undefined.ts";

/**
 * What was given of how backends are checked; undefined if nothing was.
 *
 * @throws ConfigError that names the flag or variable that is wrong; what words mean is checked with the config.
 */
export function healthCheckOf(given: Given): HealthCheckConfig | undefined {
  return someOf({
    path: given.text("health-path"),
    port: given.wholeNumber("health-port", 0, 65_535),
    method: given.text("health-method") as ProbeMethod | undefined,
    host: given.text("health-host"),
    status: given.text("health-status"),
    body: given.text("health-body"),
    intervalMs: given.durationMs("health-check-interval"),
    intervalDownMs: given.durationMs("health-interval-down", true),
    timeoutMs: given.durationMs("health-timeout"),
    rise: given.wholeNumber("health-rise", 1, 1000),
    fall: given.wholeNumber("health-fall", 1, 1000),
  });
}

type Readiness = Pick<
  LoadBalancerConfig,
  | "maxInFlight"
  | "adaptiveConcurrency"
  | "queue"
  | "outlierDetection"
  | "circuitBreaker"
  | "slowStart"
  | "overprovisioning"
  | "panicThreshold"
>;

/**
 * What was given of what else decides who gets requests.
 *
 * @throws ConfigError that names the flag or variable that is wrong.
 */
export function readinessOf(given: Given): Readiness {
  const outlierDetection = someOf({
    consecutiveGatewayFailures: given.wholeNumber("outlier-consecutive", 0, 1_000_000),
    ejectionMs: given.durationMs("outlier-ejection-time"),
  });
  const errorPercent = given.decimal("breaker-errors", 0, 100);
  const slowStartMs = given.durationMs("slow-start", true);
  const isAuto = given.text("panic-threshold") === "auto";
  return withoutUndefined({
    maxInFlight: given.wholeNumber("max-in-flight", 0, 1_000_000),
    adaptiveConcurrency: adaptiveOf(given),
    queue: queueOf(given),
    outlierDetection,
    circuitBreaker: errorPercent === 0 ? (false as const) : someOf({ errorPercent }),
    slowStart: slowStartMs === 0 ? (false as const) : someOf({ windowMs: slowStartMs }),
    overprovisioning: given.decimal("overprovisioning", 0, 100),
    panicThreshold: isAuto ? ("auto" as const) : given.decimal("panic-threshold", 0, 100),
  });
}

function adaptiveOf(given: Given): AdaptiveConcurrencyConfig | false | undefined {
  if (!given.has("adaptive-concurrency")) return undefined;
  return given.isOn("adaptive-concurrency") ? {} : false;
}

function queueOf(given: Given): QueueConfig | false | undefined {
  const maxWaiting = given.wholeNumber("queue", 0, MOST_WAITING);
  const timeoutMs = given.durationMs("queue-timeout", true);
  return maxWaiting === 0 ? false : someOf({ maxWaiting, timeoutMs });
}
