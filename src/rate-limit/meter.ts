/** By what requests are counted against a limit: a name in `METERS` of index.ts. */
export type RateAlgorithm = "sliding-window" | "token-bucket";

/** A limit on how many requests a key may make. */
export interface RateRules {
  readonly algorithm: RateAlgorithm;
  /** How many in a window; a whole number from 1 to 1,000,000. */
  readonly requests: number;
  /** The window, in milliseconds. */
  readonly windowMs: number;
  /** For the token bucket: how many at once; a whole number from 1 to 1,000,000. */
  readonly burst: number;
  /** How many keys are counted each by itself. */
  readonly maxKeys: number;
}

/** What became of one request. */
export interface RateVerdict {
  readonly isAllowed: boolean;
  /** How many more would be allowed at once. */
  readonly remaining: number;
  /** How long from now until there is one more, in milliseconds; while some remain, until all are to be had again. */
  readonly resetMs: number;
}

/**
 * Counts the requests of numbered entries, each by itself. Like the core, it knows no time but what it is told, which
 * never goes backwards. At first every entry is idle.
 *
 * Memory is taken once, for all entries; the system gives it as entries are first used.
 */
export interface Meter {
  /** Counts one more request of an entry, unless the limit is reached: those that are refused do not count. */
  take(entry: number, nowMs: number): RateVerdict;
  /** Whether an entry has its whole limit again, so that forgetting it changes nothing. */
  isIdle(entry: number, nowMs: number): boolean;
  /** Makes an entry what another one is. */
  copy(from: number, to: number): void;
}
