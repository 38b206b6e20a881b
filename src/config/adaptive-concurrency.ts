import type { ConcurrencyRules } from "../core/concurrency-limit.ts";
import { MOST_IN_FLIGHT } from "./backends.ts";
import { ConfigError } from "./problem.ts";
import { checkKeys, checkObject, filled, milliseconds, numberWithin, wholeNumber } from "./values.ts";

/** How each backend's limit on requests under way follows its latency. `maxInFlight` stays the most that it may be. */
export interface AdaptiveConcurrencyConfig {
  /** The least that a limit may fall to. Default 3. */
  readonly minLimit?: number;
  /** The most that it may rise to. Default 1000. */
  readonly maxLimit?: number;
  /** What it begins with. Default 20. */
  readonly initialLimit?: number;
  /**
   * How many times as long as with little to do a backend may take before its limit falls; above 1, up to 10.
   * Default 1.5.
   */
  readonly tolerance?: number;
  /** How much of the way to its aim a limit goes at once; from 0.01 to 1, where less is calmer. Default 0.2. */
  readonly smoothing?: number;
  /**
   * How long it is believed how long answers take with little to do, in milliseconds, ±10 %. Then a backend that has
   * more to do gets less for a moment, to measure it. Default 60,000.
   */
  readonly baselineMs?: number;
}

/** The default of every key, where limits adapt: Netflix's, and Envoy's of the ends. */
export const ADAPTIVE_CONCURRENCY_DEFAULTS = {
  minLimit: 3,
  maxLimit: 1_000,
  initialLimit: 20,
  tolerance: 1.5,
  smoothing: 0.2,
  baselineMs: 60_000,
} as const satisfies Required<AdaptiveConcurrencyConfig>;

/** @throws ConfigError that names the first key that is wrong. */
export function resolveAdaptiveConcurrency(
  config: AdaptiveConcurrencyConfig | false,
): ConcurrencyRules | false {
  if (config === false) return false;
  const place = "adaptiveConcurrency";
  checkObject(place, config, " or false");
  checkKeys(place, config, Object.keys(ADAPTIVE_CONCURRENCY_DEFAULTS));
  const all = filled<ConcurrencyRules>(config, ADAPTIVE_CONCURRENCY_DEFAULTS);
  const minLimit = wholeNumber(`${place}.minLimit`, all.minLimit, 1, MOST_IN_FLIGHT);
  const maxLimit = wholeNumber(`${place}.maxLimit`, all.maxLimit, minLimit, MOST_IN_FLIGHT);
  // Who moves the ends and says nothing of this gets what is nearest to the default between them.
  const nearest = Math.min(maxLimit, Math.max(minLimit, all.initialLimit));
  return {
    minLimit,
    maxLimit,
    initialLimit: wholeNumber(`${place}.initialLimit`, config.initialLimit ?? nearest, minLimit, maxLimit),
    tolerance: toleranceOf(`${place}.tolerance`, all.tolerance),
    smoothing: numberWithin(`${place}.smoothing`, all.smoothing, 0.01, 1),
    baselineMs: milliseconds(`${place}.baselineMs`, all.baselineMs, 1_000),
  };
}

function toleranceOf(place: string, value: number): number {
  if (typeof value === "number" && value > 1 && value <= 10) return value;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected a number above 1 and up to 10`);
}
