/** The ratio of one bucket's limit to the next one's. */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);
/** The upper limit of the first bucket, in milliseconds. */
const LEAST_MS = 0.05;
/** As many as reach beyond a quarter of an hour. */
const BUCKETS = 344;
/** How long samples are collected before those from the time before are forgotten, in milliseconds. */
const WINDOW_MS = 10_000;
/** With fewer samples than this nothing is said. */
const LEAST_SAMPLES = 100;
/** How often the estimate is worked out anew at most, in milliseconds. */
const REFRESH_MS = 100;

/**
 * Estimates one quantile of latencies as they come, such as the time within which 95 of 100 answers begin. It looks
 * at the last ten to twenty seconds; at longer ago if there were fewer than a hundred samples in them.
 *
 * Samples are counted in buckets whose limits grow by a fixed ratio, so that the estimate is off by 2.5 % at most,
 * whatever the latencies are, and takes the same few kilobytes however many come (Masson, Rim and Lee, "DDSketch",
 * VLDB 2019, with a fixed range).
 */
export class LatencyQuantile {
  readonly #share: number;
  /** The samples of this window, and of the one before. */
  #recent = new Float64Array(BUCKETS);
  #before = new Float64Array(BUCKETS);
  #recentCount = 0;
  #beforeCount = 0;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #estimateMs = -1;
  #staleFromMs = Number.NEGATIVE_INFINITY;

  /** @param percent Which one: above 0, below 100. */
  constructor(percent: number) {
    this.#share = percent / 100;
  }

  /** Takes in a latency. */
  observe(latencyMs: number, nowMs: number): void {
    if (nowMs - this.#windowStartMs >= WINDOW_MS && this.#recentCount >= LEAST_SAMPLES) this.#turn(nowMs);
    else if (this.#windowStartMs === Number.NEGATIVE_INFINITY) this.#windowStartMs = nowMs;
    const bucket = bucketOf(latencyMs);
    this.#recent[bucket] = (this.#recent[bucket] as number) + 1;
    this.#recentCount += 1;
  }

  /** The estimate, in milliseconds, at most a tenth of a second old; -1 while too little is known. */
  at(nowMs: number): number {
    if (nowMs < this.#staleFromMs) return this.#estimateMs;
    this.#staleFromMs = nowMs + REFRESH_MS;
    this.#estimateMs = this.#estimated();
    return this.#estimateMs;
  }

  /** Begins another window: the samples before the last one are forgotten. */
  #turn(nowMs: number): void {
    const forgotten = this.#before;
    this.#before = this.#recent;
    this.#beforeCount = this.#recentCount;
    this.#recent = forgotten.fill(0);
    this.#recentCount = 0;
    this.#windowStartMs = nowMs;
  }

  #estimated(): number {
    const count = this.#recentCount + this.#beforeCount;
    if (count < LEAST_SAMPLES) return -1;
    let left = Math.ceil(count * this.#share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= (this.#recent[bucket] as number) + (this.#before[bucket] as number);
      if (left <= 0) return middleOf(bucket);
    }
    return middleOf(BUCKETS - 1);
  }
}

function bucketOf(latencyMs: number): number {
  if (latencyMs <= LEAST_MS) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(latencyMs / LEAST_MS) / LOG_GROWTH));
}

/** The value that is off by the same ratio from both limits of a bucket. */
function middleOf(bucket: number): number {
  return (LEAST_MS * GROWTH ** bucket * 2) / (GROWTH + 1);
}
