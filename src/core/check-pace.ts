import type { Random } from "./random.ts";

/** The longest wait before a backend that live traffic found dead is looked at again, in milliseconds. */
export const PROMPT_CHECK_MS = 1_000;

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
