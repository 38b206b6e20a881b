import type { BreakerRules } from "../core/breaker.ts";
import type { EjectionRules } from "../core/ejection.ts";
import type { SlowStartRules } from "../core/slow-start.ts";
import { checkKeys, checkObject, filled, milliseconds, numberWithin, wholeNumber } from "./values.ts";

/** When live traffic takes a backend out, and for how long (Envoy's outlier detection). */
export interface OutlierDetectionConfig {
  /**
   * Answers of 502, 503 or 504, broken connections and time-outs in a row, after which a backend is ejected; 0 is
   * never. Default 5.
   */
  readonly consecutiveGatewayFailures?: number;
  /** The same for answers with any status of 500 and above together with those failures; 0 is never. Default 0. */
  readonly consecutive5xx?: number;
  /**
   * Standard deviations that a backend's success rate may be below the mean of all; 0 is no comparison.
   * Envoy's is 1.9. Default 0.
   */
  readonly successRateDeviation?: number;
  /** The least number of backends with enough requests for their success rates to be compared. Default 5. */
  readonly successRateMinHosts?: number;
  /** Enough requests for that, in one interval. Default 100. */
  readonly successRateMinRequests?: number;
  /** Failures in a hundred requests after which a backend is ejected; 0 is never. Envoy's is 85. Default 0. */
  readonly failurePercent?: number;
  /** The least number of backends with enough requests for the percentage to be looked at. Default 5. */
  readonly failureMinHosts?: number;
  /** Enough requests for that, in one interval. Default 50. */
  readonly failureMinRequests?: number;
  /**
   * How long requests are counted before backends are compared, in milliseconds; and how long a backend must not be
   * ejected for its next ejection to be shorter again by one time. Default 10,000.
   */
  readonly intervalMs?: number;
  /** How long the first ejection lasts, in milliseconds; the second twice as long, and so on. Default 30,000. */
  readonly ejectionMs?: number;
  /** The longest that one lasts, in milliseconds. Default 300,000. */
  readonly maxEjectionMs?: number;
  /** How many of the backends may be ejected at once, in percent; one always may be. Default 10. */
  readonly maxEjectedPercent?: number;
}

/** When a backend that fails is left alone for a time. */
export interface CircuitBreakerConfig {
  /** Failures in a hundred requests of the window, from 1 to 100. Default 50. */
  readonly errorPercent?: number;
  /** The least number of requests in the window. Default 20. */
  readonly minRequests?: number;
  /** How far back requests count, in milliseconds. Default 10,000. */
  readonly windowMs?: number;
  /** How long it is left alone, in milliseconds; twice as long each time that it then fails again. Default 5,000. */
  readonly openMs?: number;
  /** The longest that it is left alone, in milliseconds. Default 60,000. */
  readonly maxOpenMs?: number;
  /** Requests that have to go well before all are sent there again. Default 3. */
  readonly probes?: number;
}

/** How a backend that comes back, or is added, takes up its share. Only for algorithms that go by weights. */
export interface SlowStartConfig {
  /** How long until it has its whole weight, in milliseconds. Default 30,000. */
  readonly windowMs?: number;
  /** The shape of the way there: 1 is a straight line, more rises faster at the beginning; 0.1 to 10. Default 1. */
  readonly aggression?: number;
  /** The part of its weight that it begins with, in percent. Default 10. */
  readonly minWeightPercent?: number;
}

/** The default of every key: Envoy's, with fewer kinds of failures on (see there for 1.9 and 85). */
export const OUTLIER_DEFAULTS = {
  consecutiveGatewayFailures: 5,
  consecutive5xx: 0,
  successRateDeviation: 0,
  successRateMinHosts: 5,
  successRateMinRequests: 100,
  failurePercent: 0,
  failureMinHosts: 5,
  failureMinRequests: 50,
  intervalMs: 10_000,
  ejectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectedPercent: 10,
} as const satisfies Required<OutlierDetectionConfig>;

/** The default of every key, where there is a breaker. */
export const BREAKER_DEFAULTS = {
  errorPercent: 50,
  minRequests: 20,
  windowMs: 10_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
  probes: 3,
} as const satisfies Required<CircuitBreakerConfig>;

/** The default of every key, where there is a slow start. */
export const SLOW_START_DEFAULTS = {
  windowMs: 30_000,
  aggression: 1,
  minWeightPercent: 10,
} as const satisfies Required<SlowStartConfig>;

/** The most of anything that is counted. */
const MANY = 1_000_000;

/** @throws ConfigError that names the first key that is wrong. */
export function resolveOutlierDetection(config: OutlierDetectionConfig | false): EjectionRules | false {
  if (config === false) return false;
  const place = "outlierDetection";
  const all = known<EjectionRules>(place, config, OUTLIER_DEFAULTS);
  return {
    consecutiveGatewayFailures: count(place, all, "consecutiveGatewayFailures", 0),
    consecutive5xx: count(place, all, "consecutive5xx", 0),
    successRateDeviation: numberWithin(`${place}.successRateDeviation`, all.successRateDeviation, 0, 100),
    successRateMinHosts: count(place, all, "successRateMinHosts", 1),
    successRateMinRequests: count(place, all, "successRateMinRequests", 1),
    failurePercent: numberWithin(`${place}.failurePercent`, all.failurePercent, 0, 100),
    failureMinHosts: count(place, all, "failureMinHosts", 1),
    failureMinRequests: count(place, all, "failureMinRequests", 1),
    intervalMs: milliseconds(`${place}.intervalMs`, all.intervalMs, 100),
    ejectionMs: milliseconds(`${place}.ejectionMs`, all.ejectionMs, 1),
    maxEjectionMs: milliseconds(`${place}.maxEjectionMs`, all.maxEjectionMs, 1),
    maxEjectedPercent: numberWithin(`${place}.maxEjectedPercent`, all.maxEjectedPercent, 0, 100),
  };
}

/** @throws ConfigError that names the first key that is wrong. */
export function resolveCircuitBreaker(config: CircuitBreakerConfig | false): BreakerRules | false {
  if (config === false) return false;
  const place = "circuitBreaker";
  const all = known<BreakerRules>(place, config, BREAKER_DEFAULTS);
  return {
    errorPercent: numberWithin(`${place}.errorPercent`, all.errorPercent, 1, 100),
    minRequests: count(place, all, "minRequests", 1),
    windowMs: milliseconds(`${place}.windowMs`, all.windowMs, 100),
    openMs: milliseconds(`${place}.openMs`, all.openMs, 1),
    maxOpenMs: milliseconds(`${place}.maxOpenMs`, all.maxOpenMs, 1),
    probes: count(place, all, "probes", 1),
  };
}

/** @throws ConfigError that names the first key that is wrong. */
export function resolveSlowStart(config: SlowStartConfig | false): SlowStartRules | false {
  if (config === false) return false;
  const place = "slowStart";
  const all = known<SlowStartRules>(place, config, SLOW_START_DEFAULTS);
  return {
    windowMs: milliseconds(`${place}.windowMs`, all.windowMs, 1),
    aggression: numberWithin(`${place}.aggression`, all.aggression, 0.1, 10),
    minWeightPercent: numberWithin(`${place}.minWeightPercent`, all.minWeightPercent, 0, 100),
  };
}

function known<T extends object>(place: string, config: Partial<T>, defaults: T): T {
  checkObject(place, config, " or false");
  checkKeys(place, config, Object.keys(defaults));
  return filled(config, defaults);
}

function count<K extends string>(
  place: string,
  rules: Readonly<Record<K, number>>,
  key: K,
  least: number,
): number {
  return wholeNumber(`${place}.${key}`, rules[key], least, MANY);
}
