import type { RateRules, RateVerdict } from "../rate-limit/meter.ts";

/**
 * What is to be known wherever the same requests may arrive: here in memory, for one process; elsewhere for all that
 * ask one store.
 */
export interface SharedState {
  /**
   * What holds keys to a limit.
   *
   * @param name Whose limit it is. Asked for twice by one name and with the same rules it is the same, so that a config
   *   that is read anew goes on counting.
   */
  rateLimiter(name: string, rules: RateRules): RateLimiter;
}

/** Holds keys to a limit. */
export interface RateLimiter {
  /**
   * Counts one more request of a key, unless its limit is reached. What is in memory answers at once. Never throws and
   * never rejects: a store that is out of reach has an answer for that.
   *
   * @param nowMs Milliseconds since some fixed moment. A store that several machines ask goes by its own clock.
   */
  take(key: string, nowMs: number): RateVerdict | Promise<RateVerdict>;
}
