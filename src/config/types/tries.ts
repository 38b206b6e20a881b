// Written by `npm run docs` from the schemas: change those.

/** A second try after a fixed time. */
export interface HedgeAfterConfig {
  /** How many milliseconds after the first one. */
  readonly afterMs: number;
}

/** A second try for the slowest requests. */
export interface HedgePercentileConfig {
  /**
   * Once the first one takes longer than so many of a hundred requests did of late: 95, say. From 50 to 99.9.
   */
  readonly percentile: number;
}

/** When a second try is begun beside one that has no answer yet. */
export type HedgeConfig = HedgeAfterConfig | HedgePercentileConfig;
