// Written by `npm run docs` from the schemas: change those.

/** When live traffic takes a backend out, and for how long (Envoy's outlier detection). */
export interface OutlierDetectionConfig {
  /**
   * Answers of 502, 503 or 504, broken connections and time-outs in a row, after which a backend is ejected;
   * 0 is never. Default 5.
   */
  readonly consecutiveGatewayFailures?: number;
  /**
   * The same for answers with any status of 500 and above together with those failures; 0 is never. Default
   * 0.
   */
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
  /**
   * Failures in a hundred requests after which a backend is ejected; 0 is never. Envoy's is 85. Default 0.
   */
  readonly failurePercent?: number;
  /** The least number of backends with enough requests for the percentage to be looked at. Default 5. */
  readonly failureMinHosts?: number;
  /** Enough requests for that, in one interval. Default 50. */
  readonly failureMinRequests?: number;
  /**
   * How long requests are counted before backends are compared, in milliseconds; and how long a backend must
   * not be ejected for its next ejection to be shorter again by one time. Default 10,000.
   */
  readonly intervalMs?: number;
  /**
   * How long the first ejection lasts, in milliseconds; the second twice as long, and so on. Default 30,000.
   */
  readonly ejectionMs?: number;
  /** The longest that one lasts, in milliseconds. Default 300,000. */
  readonly maxEjectionMs?: number;
  /**
   * How many of the backends may be ejected at once, in percent; one always may be, the last available one
   * never. Default 10.
   */
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
  /**
   * How long it is left alone, in milliseconds; twice as long each time that one of the `probes` then fails.
   * Default 5000.
   */
  readonly openMs?: number;
  /** The longest that it is left alone, in milliseconds. Default 60,000. */
  readonly maxOpenMs?: number;
  /** Requests that have to go well before all are sent there again; no more are sent meanwhile. Default 3. */
  readonly probes?: number;
}

/** How a backend that comes back, or is added, takes up its share. Only for algorithms that go by weights. */
export interface SlowStartConfig {
  /** How long until it has its whole weight, in milliseconds. Default 30,000. */
  readonly windowMs?: number;
  /**
   * The shape of the way there: 1 is a straight line, more rises faster at the beginning; 0.1 to 10. Default
   * 1.
   */
  readonly aggression?: number;
  /** The part of its weight that it begins with, in percent. Default 10. */
  readonly minWeightPercent?: number;
}
