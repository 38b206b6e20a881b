import type { HedgeRules } from "../core/hedging.ts";
import { parseDurationMs } from "./duration.ts";
import { ConfigError } from "./problem.ts";
import { checkKeys, checkObject, milliseconds, numberWithin } from "./values.ts";

/** When a second try is begun beside one that has no answer yet. */
export type HedgeConfig =
  | {
      /** After so many milliseconds. */
      readonly afterMs: number;
    }
  | {
      /** Once it takes longer than so many of a hundred requests did of late: 95, say. From 50 to 99.9. */
      readonly percentile: number;
    };

/** A hedge for more than half of all requests would be a second request. */
const LEAST_PERCENTILE = 50;
const MOST_PERCENTILE = 99.9;

/**
 * Checks it.
 *
 * @throws ConfigError that names the key that is wrong.
 */
export function resolveHedge(config: HedgeConfig | false): HedgeRules | false {
  if (config === false) return false;
  checkObject("hedge", config, " or false");
  checkKeys("hedge", config, ["afterMs", "percentile"]);
  if ("afterMs" in config === "percentile" in config) {
    throw new ConfigError(
      `hedge: found ${JSON.stringify(config)}, expected one of afterMs and percentile, or false`,
    );
  }
  if ("afterMs" in config) return { afterMs: milliseconds("hedge.afterMs", config.afterMs, 1) };
  const { percentile } = config;
  return { percentile: numberWithin("hedge.percentile", percentile, LEAST_PERCENTILE, MOST_PERCENTILE) };
}

/**
 * Reads it as people write it: `50ms`, `p95`, `off`.
 *
 * @param place What to call it in an error: a flag or a variable.
 * @throws ConfigError for anything else.
 */
export function parseHedge(text: string, place: string): HedgeConfig | false {
  if (text === "off") return false;
  const [, percent] = /^p(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (percent === undefined) return { afterMs: parseDurationMs(text, place) };
  const percentile = Number(percent);
  if (percentile >= LEAST_PERCENTILE && percentile <= MOST_PERCENTILE) return { percentile };
  throw new ConfigError(
    `${place}: found "${text}", expected a percentile from p${LEAST_PERCENTILE} to p${MOST_PERCENTILE}`,
  );
}
