// Written by `npm run docs` from the schemas: change those.

/**
 * How each backend's limit on requests under way follows its latency. `maxInFlight` stays the most that it
 * may be.
 */
export interface AdaptiveConcurrencyConfig {
  /** The least that a limit may fall to. Default 3. */
  readonly minLimit?: number;
  /** The most that a limit may rise to, unless `maxInFlight` is less. Default 1000. */
  readonly maxLimit?: number;
  /** What a limit begins with. Default 20, or the nearest that the others allow. */
  readonly initialLimit?: number;
  /**
   * How many times as long as with little to do a backend may take before its limit falls; above 1, up to 10.
   * Default 1.5.
   */
  readonly tolerance?: number;
  /**
   * How much of the way to its aim a limit goes at once; from 0.01 to 1, where less is calmer. Default 0.2.
   */
  readonly smoothing?: number;
  /**
   * How long it is believed how long answers take with little to do, in milliseconds, ±10 %. Then a backend
   * that has more to do gets less for a moment, to measure it. Default 60,000.
   */
  readonly baselineMs?: number;
}

/** How requests wait while every backend has as many as `maxInFlight` allows. */
export interface QueueConfig {
  /**
   * The most requests that wait at once, in each process; one more gets 503, or takes the place of a less
   * urgent one. Default 1024.
   */
  readonly maxWaiting?: number;
  /**
   * The longest that one waits, in milliseconds, up to 0.1 s more; 0 is for as long as the request may take.
   * Default 5000.
   */
  readonly timeoutMs?: number;
}
