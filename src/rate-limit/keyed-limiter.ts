import { METERS } from "./index.ts";
import { KeyHash } from "./key-hash.ts";
import { KeyTable } from "./key-table.ts";
import type { Meter, RateRules, RateVerdict } from "./meter.ts";

/** How many counters are shared by the keys for which there is no room. */
const SHARED = 1_024;

/** How many entries are looked at for one that is idle, when a new key comes: a bound on the work of one request. */
const LOOKED_AT = 16;

/**
 * Holds each of many keys to a limit, in memory that does not grow: 1,000,000 keys take 24 MB by the token bucket, and
 * by the sliding window 40 MB for limits of a single request, and up to 170 MB for those of more than 31.
 *
 * When every entry is taken, a new key gets one that is idle: its key had the whole limit again, so nothing is
 * forgotten that counts. An entry that is not idle is never given away, or whoever can make up keys could have their own
 * forgotten, and begin anew.
 *
 * While none is found, new keys count together with others, by their hash, in one of a fixed number of shared counters.
 * That is safe: a counter that is shared can only be reached sooner. Keys that have an entry notice nothing. And a key
 * that gets an entry begins with what its shared counter says, so that it gains nothing by the change.
 */
export class KeyedLimiter {
  readonly #maxKeys: number;
  readonly #hash: KeyHash;
  readonly #keys: KeyTable;
  readonly #meter: Meter;
  #hand = 0;

  /** @param secret 64 bits that nobody else knows, the lower half first: see `KeyHash`. */
  constructor(rules: RateRules, secret: readonly [low: number, high: number]) {
    this.#maxKeys = rules.maxKeys;
    this.#hash = new KeyHash(secret);
    this.#keys = new KeyTable(rules.maxKeys);
    // The shared counters are the last entries.
    this.#meter = new METERS[rules.algorithm](rules, rules.maxKeys + SHARED);
  }

  /** How many keys are counted by themselves. */
  get size(): number {
    return this.#keys.size;
  }

  /**
   * Counts one more request of a key, unless its limit is reached.
   *
   * @param nowMs Milliseconds since some fixed moment; never goes backwards.
   */
  take(key: string, nowMs: number): RateVerdict {
    this.#hash.hash(key);
    const { low, high } = this.#hash;
    const known = this.#keys.find(low, high);
    return this.#meter.take(known < 0 ? this.#enter(low, high, nowMs) : known, nowMs);
  }

  #enter(low: number, high: number, nowMs: number): number {
    const shared = this.#maxKeys + (high % SHARED);
    const entry = this.#freeEntry(low, high, nowMs);
    if (entry < 0) return shared;
    this.#meter.copy(shared, entry);
    return entry;
  }

  #freeEntry(low: number, high: number, nowMs: number): number {
    if (this.#keys.size < this.#maxKeys) return this.#keys.add(low, high);
    for (let looked = Math.min(LOOKED_AT, this.#maxKeys); looked > 0; looked--) {
      const entry = this.#hand;
      this.#hand = (entry + 1) % this.#maxKeys;
      if (this.#meter.isIdle(entry, nowMs)) {
        this.#keys.replace(entry, low, high);
        return entry;
      }
    }
    return -1;
  }
}
