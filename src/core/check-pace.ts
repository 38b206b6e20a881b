import type { Random } from "./random.ts";

/** The longest wait before a backend that live traffic found dead is looked at again, in milliseconds. */
export const PROMPT_CHECK_MS = 1_000;

/**
 * The interval of checks of a backend that none has found up yet, in milliseconds: 1 s, then 2 s, and so on up to the
 * usual one. Backends are often started together with the balancer, and should not be missed for all of an interval.
 *
 * @param failures How many checks have failed; at least 1.
 */
export function firstIntervalMs(intervalMs: number, failures: number): number {
  return Math.min(intervalMs, PROMPT_CHECK_MS * 2 ** Math.min(failures - 1, 30));
}

/**
 * The time from the end of one check of a backend to the next, in milliseconds: the interval counts from the check's
 * beginning, give or take 10 %, so that many balancers do not ask at the same moment.
 *
 * @param tookMs How long the check took. However long, a tenth of the interval is left between two.
 */
export function nextCheckMs(intervalMs: number, tookMs: number, random: Random): number {
  const jitteredMs = intervalMs * (0.9 + random.below(2001) / 10_000);
  return Math.max(jitteredMs - tookMs, intervalMs / 10);
}
