import type { Meter, RateRules, RateVerdict } from "./meter.ts";

/** In how many groups at most the requests of a window are remembered: what bounds the memory of an entry. */
const GROUPS = 32;

/** Times are taken to 2^-10 of a millisecond; in windows of more than 12 days to a 2^-29 of the window. */
const FINEST = 10;
const LARGEST_WINDOW = 2 ** 30;

/**
 * No more than `requests` in any window, wherever it begins: there is one more when the request that came `requests`
 * before it is `windowMs` old. No burst comes on top, neither at once nor over time.
 *
 * Up to 32 requests each one's time is remembered. Of larger limits that would be much, so requests are remembered in
 * up to 32 groups, each by one line: its j-th request came no later than begin + j × windowMs / requests. The line is
 * moved to be true of every request that joins, and a request counts for as long as the line says. So none is forgotten
 * too early. Who asks evenly is on the line, and is never refused for keeping to the limit exactly; who does not is
 * refused only with more than 31/32 of it made in the last 33/32 of the window.
 *
 * Times are whole ticks, modulo 2^32: what still counts is never two windows old, as an entry that is idle begins anew.
 */
export class SlidingWindow implements Meter {
  readonly #windowMs: number;
  readonly #requests: number;
  readonly #ticksPerMs: number;
  readonly #windowTicks: number;
  /** How many requests a group has. */
  readonly #group: number;
  /** How many groups are remembered: one more than the limit fills, since the newest is not full. */
  readonly #groups: number;
  /** How many requests they have. Requests are numbered modulo this. */
  readonly #places: number;
  /** When each entry's last request was allowed, in milliseconds. */
  readonly #lastMs: Float64Array;
  /** The number of each entry's next request. */
  readonly #next: Uint32Array;
  /** How many of those before it count. */
  readonly #used: Uint32Array;
  /** Where the line of each group of each entry begins, in ticks. */
  readonly #begins: Uint32Array;

  /** @param entries How many windows. */
  constructor({ requests, windowMs }: RateRules, entries: number) {
    this.#windowMs = windowMs;
    this.#requests = requests;
    this.#ticksPerMs = 2 ** Math.min(FINEST, Math.floor(Math.log2(LARGEST_WINDOW / windowMs)));
    this.#windowTicks = Math.ceil(windowMs * this.#ticksPerMs);
    this.#group = Math.ceil(requests / GROUPS);
    this.#groups = Math.ceil(requests / this.#group) + 1;
    this.#places = this.#groups * this.#group;
    this.#lastMs = new Float64Array(entries);
    this.#next = new Uint32Array(entries);
    this.#used = new Uint32Array(entries);
    this.#begins = new Uint32Array(entries * this.#groups);
  }

  take(entry: number, nowMs: number): RateVerdict {
    if (this.isIdle(entry, nowMs)) this.#used[entry] = 0;
    else this.#forget(entry, this.#tickAt(Math.max(nowMs, this.#lastMs[entry] as number)));
    const used = this.#used[entry] as number;
    if (used >= this.#requests)
      return { isAllowed: false, remaining: 0, resetMs: this.#waitMs(entry, nowMs) };
    if (used === 0) this.#next[entry] = 0;
    this.#remember(entry, used === 0 ? nowMs : Math.max(nowMs, this.#lastMs[entry] as number));
    const remaining = this.#requests - used - 1;
    return {
      isAllowed: true,
      remaining,
      resetMs: remaining > 0 ? this.#windowMs : this.#waitMs(entry, nowMs),
    };
  }

  isIdle(entry: number, nowMs: number): boolean {
    return this.#used[entry] === 0 || (this.#lastMs[entry] as number) + this.#windowMs <= nowMs;
  }

  copy(from: number, to: number): void {
    this.#lastMs[to] = this.#lastMs[from] as number;
    this.#next[to] = this.#next[from] as number;
    this.#used[to] = this.#used[from] as number;
    this.#begins.copyWithin(to * this.#groups, from * this.#groups, (from + 1) * this.#groups);
  }

  #tickAt(nowMs: number): number {
    return Math.floor(nowMs * this.#ticksPerMs);
  }

  /** How far down its group's line a request is. */
  #alongLine(inGroup: number): number {
    return Math.floor((inGroup * this.#windowTicks) / this.#requests);
  }

  /** Where the line of a request's group is kept. */
  #lineOf(entry: number, request: number): number {
    return entry * this.#groups + Math.floor(request / this.#group);
  }

  /** The number of the oldest request that counts. */
  #oldest(entry: number): number {
    return ((this.#next[entry] as number) - (this.#used[entry] as number) + this.#places) % this.#places;
  }

  /** Takes out what no longer counts, a group at a time: each once. */
  #forget(entry: number, tick: number): void {
    for (let used = this.#used[entry] as number; used > 0; ) {
      const oldest = this.#oldest(entry);
      const begin = this.#begins[this.#lineOf(entry, oldest)] as number;
      // Since when the first of the group may be out of the window.
      const outFor = (tick - this.#windowTicks - begin) | 0;
      if (outFor < 0) return;
      const out = Math.min(this.#group, Math.ceil(((outFor + 1) * this.#requests) / this.#windowTicks));
      const leaving = Math.min(used, out - (oldest % this.#group));
      if (leaving <= 0) return;
      used -= leaving;
      this.#used[entry] = used;
    }
  }

  #remember(entry: number, nowMs: number): void {
    const next = this.#next[entry] as number;
    const inGroup = next % this.#group;
    const line = this.#lineOf(entry, next);
    const begin = this.#tickAt(nowMs) - this.#alongLine(inGroup);
    if (inGroup === 0 || ((begin - (this.#begins[line] as number)) | 0) > 0) this.#begins[line] = begin;
    this.#next[entry] = (next + 1) % this.#places;
    this.#used[entry] = (this.#used[entry] as number) + 1;
    this.#lastMs[entry] = nowMs;
  }

  /** How long until the oldest request no longer counts. */
  #waitMs(entry: number, nowMs: number): number {
    const oldest = this.#oldest(entry);
    const begin = this.#begins[this.#lineOf(entry, oldest)] as number;
    const tick = this.#tickAt(nowMs);
    const ticks = (begin + this.#alongLine(oldest % this.#group) + this.#windowTicks - tick) | 0;
    return (tick + ticks) / this.#ticksPerMs - nowMs;
  }
}
