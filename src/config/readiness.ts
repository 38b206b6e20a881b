import { check } from "./schema/check.ts";
import { named, withDefault } from "./schema/keys.ts";
import { objectOf } from "./schema/shapes.ts";
import { decimal, milliseconds, wholeNumber } from "./schema/values.ts";

/** The most of anything that is counted. */
const MANY = 1_000_000;

/** When live traffic takes a backend out. The defaults are Envoy's, with fewer kinds of failures on. */
export const outlierDetectionSchema = named(
  "OutlierDetectionConfig",
  "When live traffic takes a backend out, and for how long (Envoy's outlier detection).",
  objectOf({
    consecutiveGatewayFailures: withDefault(
      "Answers of 502, 503 or 504, broken connections and time-outs in a row, after which a backend is ejected; 0 is never.",
      wholeNumber(0, MANY),
      5,
    ),
    consecutive5xx: withDefault(
      "The same for answers with any status of 500 and above together with those failures; 0 is never.",
      wholeNumber(0, MANY),
      0,
    ),
    successRateDeviation: withDefault(
      "Standard deviations that a backend's success rate may be below the mean of all; 0 is no comparison. Envoy's is 1.9.",
      decimal(0, 100),
      0,
    ),
    successRateMinHosts: withDefault(
      "The least number of backends with enough requests for their success rates to be compared.",
      wholeNumber(1, MANY),
      5,
    ),
    successRateMinRequests: withDefault(
      "Enough requests for that, in one interval.",
      wholeNumber(1, MANY),
      100,
    ),
    failurePercent: withDefault(
      "Failures in a hundred requests after which a backend is ejected; 0 is never. Envoy's is 85.",
      decimal(0, 100),
      0,
    ),
    failureMinHosts: withDefault(
      "The least number of backends with enough requests for the percentage to be looked at.",
      wholeNumber(1, MANY),
      5,
    ),
    failureMinRequests: withDefault("Enough requests for that, in one interval.", wholeNumber(1, MANY), 50),
    intervalMs: withDefault(
      "How long requests are counted before backends are compared, in milliseconds; and how long a backend must not be ejected for its next ejection to be shorter again by one time.",
      milliseconds(100),
      10_000,
    ),
    ejectionMs: withDefault(
      "How long the first ejection lasts, in milliseconds; the second twice as long, and so on.",
      milliseconds(1),
      30_000,
    ),
    maxEjectionMs: withDefault("The longest that one lasts, in milliseconds.", milliseconds(1), 300_000),
    maxEjectedPercent: withDefault(
      "How many of the backends may be ejected at once, in percent; one always may be, the last available one never.",
      decimal(0, 100),
      10,
    ),
  }),
);

/** When a backend that fails is left alone for a time. */
export const circuitBreakerSchema = named(
  "CircuitBreakerConfig",
  "When a backend that fails is left alone for a time.",
  objectOf({
    errorPercent: withDefault(
      "Failures in a hundred requests of the window, from 1 to 100.",
      decimal(1, 100),
      50,
    ),
    minRequests: withDefault("The least number of requests in the window.", wholeNumber(1, MANY), 20),
    windowMs: withDefault("How far back requests count, in milliseconds.", milliseconds(100), 10_000),
    openMs: withDefault(
      "How long it is left alone, in milliseconds; twice as long each time that one of the `probes` then fails.",
      milliseconds(1),
      5_000,
    ),
    maxOpenMs: withDefault("The longest that it is left alone, in milliseconds.", milliseconds(1), 60_000),
    probes: withDefault(
      "Requests that have to go well before all are sent there again; no more are sent meanwhile.",
      wholeNumber(1, MANY),
      3,
    ),
  }),
);

/** How a backend that comes back takes up its share. */
export const slowStartSchema = named(
  "SlowStartConfig",
  "How a backend that comes back, or is added, takes up its share. Only for algorithms that go by weights.",
  objectOf({
    windowMs: withDefault(
      "How long until it has its whole weight, in milliseconds.",
      milliseconds(1),
      30_000,
    ),
    aggression: withDefault(
      "The shape of the way there: 1 is a straight line, more rises faster at the beginning; 0.1 to 10.",
      decimal(0.1, 10),
      1,
    ),
    minWeightPercent: withDefault(
      "The part of its weight that it begins with, in percent.",
      decimal(0, 100),
      10,
    ),
  }),
);

/** The default of every key. */
export const OUTLIER_DEFAULTS = check(outlierDetectionSchema, {});
/** The default of every key, where there is a breaker. */
export const BREAKER_DEFAULTS = check(circuitBreakerSchema, {});
/** The default of every key, where there is a slow start. */
export const SLOW_START_DEFAULTS = check(slowStartSchema, {});
