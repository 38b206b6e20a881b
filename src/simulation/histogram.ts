/** Steps of one octave, as a power of two: a time is told apart from another that differs by 1 in 128. */
const STEP_BITS = 7;
const STEPS = 2 ** STEP_BITS;
/** What is longest: 2³² µs, over an hour. */
const LONGEST_MICROS = 2 ** 32 - 1;

/**
 * Any number of times in a few kilobytes, with every percentile known to 0.8 %: counts of times in buckets that
 * grow with the times themselves, as in Gil Tene's HdrHistogram. Each octave of microseconds has 128 buckets.
 */
export class Histogram {
  readonly #counts = new Float64Array((32 - STEP_BITS + 1) * STEPS);
  #count = 0;
  #totalMs = 0;
  #longestMs = 0;

  /** Takes in one time, in milliseconds. One beyond 71 minutes counts as 71 minutes among the percentiles. */
  record(ms: number): void {
    const bucket = bucketOf(Math.min(Math.round(ms * 1000), LONGEST_MICROS));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count += 1;
    this.#totalMs += ms;
    if (ms > this.#longestMs) this.#longestMs = ms;
  }

  /** How many times were taken in. */
  get count(): number {
    return this.#count;
  }

  /** The mean in milliseconds; 0 if there is nothing. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#totalMs / this.#count;
  }

  /** The longest time, exactly; 0 if there is none. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /**
   * The time that this share of all times does not exceed, in milliseconds, at most 0.8 % too long; 0 if there
   * are none.
   *
   * @param share From 0 to 1: 0.99 for the 99th percentile.
   */
  quantileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return Math.min(longestIn(bucket) / 1000, this.#longestMs);
    }
    return 0;
  }
}

/** The first octaves are narrower than a step, and have one bucket for each microsecond. */
function bucketOf(micros: number): number {
  if (micros < 2 * STEPS) return micros;
  const shift = 31 - Math.clz32(micros) - STEP_BITS;
  return shift * STEPS + (micros >>> shift);
}

/** The longest time that falls into a bucket, in microseconds. */
function longestIn(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const shift = Math.floor(bucket / STEPS) - 1;
  return (bucket - shift * STEPS + 1) * 2 ** shift - 1;
}
