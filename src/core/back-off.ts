import type { Random } from "./random.ts";

/** The longest that the first wait may be, in milliseconds. With the next line, Envoy's defaults. */
const FIRST_MS = 25;
/** The longest that any wait may be, in milliseconds. */
const LONGEST_MS = 250;

/**
 * How long to wait before a backend is tried again that has just failed: anything up to a limit that doubles with
 * each wait, so that requests which failed together do not come back together ("full jitter": Brooker,
 * "Exponential Backoff And Jitter", AWS 2015).
 *
 * @param waits How many waits there were before, for the same request.
 * @returns Whole milliseconds; may be 0.
 */
export function backOffMs(waits: number, random: Random): number {
  return random.below(Math.min(LONGEST_MS, FIRST_MS * 2 ** waits));
}
