/**
 * How often something happened within the last so many buckets of time, this one among them. It takes the
 * same few bytes however much happens.
 */
export class RecentCount {
  readonly #buckets: Float64Array;
  readonly #bucketMs: number;
  #total = 0;
  #current = 0;

  /**
   * @param buckets How many buckets count, the one that has just begun among them.
   * @param bucketMs How long each is, in milliseconds.
   */
  constructor(buckets: number, bucketMs: number) {
    this.#buckets = new Float64Array(buckets);
    this.#bucketMs = bucketMs;
  }

  /** It happened, once. */
  increment(nowMs: number): void {
    this.#advance(nowMs);
    const index = this.#current % this.#buckets.length;
    this.#buckets[index] = (this.#buckets[index] as number) + 1;
    this.#total += 1;
  }

  /** How often it has happened. */
  total(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total;
  }

  /** Forgets all of it. */
  clear(): void {
    this.#buckets.fill(0);
    this.#total = 0;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    const passed = Math.min(bucket - this.#current, this.#buckets.length);
    for (let step = 1; step <= passed; step++) {
      const index = (this.#current + step) % this.#buckets.length;
      this.#total -= this.#buckets[index] as number;
      this.#buckets[index] = 0;
    }
    if (passed > 0) this.#current = bucket;
  }
}
