import * as v from "valibot";
import { parseDurationMs } from "./duration.ts";
import { ConfigError } from "./problem.ts";
import { named, optional, required } from "./schema/keys.ts";
import { failed, found, issue, runBy } from "./schema/run.ts";
import { objectOf } from "./schema/shapes.ts";
import { decimal, milliseconds } from "./schema/values.ts";
import type { HedgeConfig } from "./types/tries.ts";

/** A hedge for more than half of all requests would be a second request. */
const LEAST_PERCENTILE = 50;
const MOST_PERCENTILE = 99.9;

const AFTER = "How many milliseconds after the first one.";
const PERCENTILE =
  "Once the first one takes longer than so many of a hundred requests did of late: 95, say. From 50 to 99.9.";
const percentile = decimal(LEAST_PERCENTILE, MOST_PERCENTILE);

/** A second try after a fixed time. */
export const hedgeAfterSchema = named(
  "HedgeAfterConfig",
  "A second try after a fixed time.",
  objectOf({ afterMs: required(AFTER, milliseconds(1)) }),
);

/** A second try for the slowest requests. */
export const hedgePercentileSchema = named(
  "HedgePercentileConfig",
  "A second try for the slowest requests.",
  objectOf({ percentile: required(PERCENTILE, percentile) }),
);

const kinds = v.union([hedgeAfterSchema, hedgePercentileSchema]);

/** Both keys, of which a mistake in either is told before it is that there are two. */
const both = objectOf({
  afterMs: optional(AFTER, milliseconds(1), "none"),
  percentile: optional(PERCENTILE, percentile, "none"),
});

/** When a second try is begun beside one that has no answer yet. */
export const hedgeSchema = named(
  "HedgeConfig",
  "When a second try is begun beside one that has no answer yet.",
  runBy<typeof kinds>(kinds, ({ value }, config) => {
    const result = both["~run"]({ value }, config);
    if (result.issues) return failed(value, result.issues);
    const { afterMs, percentile } = result.value as v.InferOutput<typeof both>;
    if ((afterMs === undefined) !== (percentile === undefined)) return result;
    const message = `${found(value)}, expected one of afterMs and percentile, or false`;
    return failed(value, [issue("union", value, message)]);
  }),
);

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
