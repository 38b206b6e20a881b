import * as v from "valibot";
import type { ConcurrencyRules } from "../core/concurrency-limit.ts";
import { MOST_IN_FLIGHT } from "./backends.ts";
import { check } from "./schema/check.ts";
import { named, optional, withDefault } from "./schema/keys.ts";
import { objectOf } from "./schema/shapes.ts";
import { at, decimal, decimalAbove, expecting, milliseconds, wholeNumber } from "./schema/values.ts";

/** What a limit begins with by default. */
const INITIAL_LIMIT = 20;

const LIMIT = wholeNumber(1, MOST_IN_FLIGHT);

const object = objectOf({
  minLimit: withDefault("The least that a limit may fall to.", LIMIT, 3),
  maxLimit: withDefault("The most that a limit may rise to, unless `maxInFlight` is less.", LIMIT, 1_000),
  initialLimit: optional(
    "What a limit begins with.",
    LIMIT,
    `${INITIAL_LIMIT}, or the nearest that the others allow`,
  ),
  tolerance: withDefault(
    "How many times as long as with little to do a backend may take before its limit falls; above 1, up to 10.",
    decimalAbove(1, 10),
    1.5,
  ),
  smoothing: withDefault(
    "How much of the way to its aim a limit goes at once; from 0.01 to 1, where less is calmer.",
    decimal(0.01, 1),
    0.2,
  ),
  baselineMs: withDefault(
    "How long it is believed how long answers take with little to do, in milliseconds, ±10 %. Then a backend that has more to do gets less for a moment, to measure it.",
    milliseconds(1_000),
    60_000,
  ),
});
type Given = v.InferOutput<typeof object>;

/** How each backend's limit on requests under way follows its latency. The defaults are Netflix's, and Envoy's of the ends. */
export const adaptiveConcurrencySchema = named(
  "AdaptiveConcurrencyConfig",
  "How each backend's limit on requests under way follows its latency. `maxInFlight` stays the most that it may be.",
  v.pipe(
    object,
    v.rawCheck<Given>(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { minLimit, maxLimit, initialLimit = minLimit } = dataset.value;
      const refuse = (key: "maxLimit" | "initialLimit", least: number, most: number) => {
        const message = expecting(`a whole number from ${least} to ${most}`)({ input: dataset.value[key] });
        addIssue({ message, ...at(dataset.value, key) });
      };
      if (maxLimit < minLimit) refuse("maxLimit", minLimit, MOST_IN_FLIGHT);
      else if (initialLimit < minLimit || initialLimit > maxLimit) refuse("initialLimit", minLimit, maxLimit);
    }),
    v.transform((given): ConcurrencyRules => {
      const { minLimit, maxLimit } = given;
      // Who moves the ends and says nothing of this gets what is nearest to the default between them.
      const nearest = Math.min(maxLimit, Math.max(minLimit, INITIAL_LIMIT));
      return { ...given, initialLimit: given.initialLimit ?? nearest };
    }),
  ),
);

/** The default of every key, where limits adapt. */
export const ADAPTIVE_CONCURRENCY_DEFAULTS = check(adaptiveConcurrencySchema, {});
