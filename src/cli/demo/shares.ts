/** Over how long shares are taken, in milliseconds. */
const WINDOW_MS = 2_000;

interface Sample {
  readonly atMs: number;
  readonly counts: readonly number[];
}

/** What part of the last seconds' requests went where, from counters that only grow. */
export class Shares {
  /** Oldest first; it begins with the time before everything, when all counters were 0. */
  readonly #samples: Sample[] = [{ atMs: Number.NEGATIVE_INFINITY, counts: [] }];

  /**
   * Takes in the counters of all backends, in their order.
   *
   * @param nowMs When they were read.
   * @returns Each one's part of the requests since the window began; all 0 if there were none.
   */
  observe(counts: readonly number[], nowMs: number): number[] {
    this.#samples.push({ atMs: nowMs, counts });
    // The oldest one kept is the last from before the window, so that the window is full.
    while ((this.#samples[1]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0]?.counts ?? counts;
    const grown = counts.map((count, index) => count - (oldest[index] ?? 0));
    const total = grown.reduce((sum, part) => sum + part, 0);
    return grown.map((part) => (total === 0 ? 0 : part / total));
  }
}
