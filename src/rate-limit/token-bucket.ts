import type { Meter, RateRules, RateVerdict } from "./meter.ts";

/**
 * A bucket of `burst` tokens that fills evenly, `requests` in a window; each request takes one. In any time t no more
 * than burst + requests × t / window are allowed.
 *
 * Kept as the generic cell rate algorithm has it (ITU-T I.371, Annex A; virtual scheduling): one number for each
 * bucket, the moment when it is full again.
 *
 * That moment is counted in milliseconds times `requests`, so that a token is `windowMs` of them: for whole
 * milliseconds nothing is ever rounded.
 */
export class TokenBucket implements Meter {
  readonly #requests: number;
  readonly #token: number;
  readonly #capacity: number;
  readonly #fullAt: Float64Array;

  /** @param entries How many buckets. */
  constructor({ requests, windowMs, burst }: RateRules, entries: number) {
    this.#requests = requests;
    this.#token = windowMs;
    this.#capacity = burst * windowMs;
    this.#fullAt = new Float64Array(entries);
  }

  take(entry: number, nowMs: number): RateVerdict {
    const now = nowMs * this.#requests;
    const before = Math.max(this.#fullAt[entry] as number, now);
    const missing = before - now + this.#token;
    const spare = this.#capacity - missing;
    if (spare < 0) return { isAllowed: false, remaining: 0, resetMs: -spare / this.#requests };
    this.#fullAt[entry] = before + this.#token;
    const remaining = Math.floor(spare / this.#token);
    const until = remaining === 0 ? this.#token - spare : missing;
    return { isAllowed: true, remaining, resetMs: until / this.#requests };
  }

  isIdle(entry: number, nowMs: number): boolean {
    return (this.#fullAt[entry] as number) <= nowMs * this.#requests;
  }

  copy(from: number, to: number): void {
    this.#fullAt[to] = this.#fullAt[from] as number;
  }
}
