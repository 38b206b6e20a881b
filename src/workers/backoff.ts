/** The wait before a worker that ended is started again, in milliseconds; doubled each time. */
const FIRST_MS = 100;
/** The longest such wait, in milliseconds. */
const LONGEST_MS = 5_000;
/** A worker that lived this long, in milliseconds, had nothing wrong from its start. */
const STABLE_MS = 10_000;

/** How long to wait before starting again what keeps ending: 100 ms, then twice as long each time, up to 5 s. */
export class Backoff {
  #nextMs = FIRST_MS;

  /**
   * Takes in an end, and returns the wait before the next start, in milliseconds.
   *
   * @param livedMs How long it had run, in milliseconds: after 10 s the waits begin anew.
   */
  ended(livedMs: number): number {
    if (livedMs >= STABLE_MS) this.#nextMs = FIRST_MS;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, LONGEST_MS);
    return delayMs;
  }
}
