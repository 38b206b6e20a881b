import { KeyedLimiter } from "../rate-limit/keyed-limiter.ts";
import type { RateRules } from "../rate-limit/meter.ts";
import type { RateLimiter, SharedState } from "./shared-state.ts";

/** What one process knows: several workers count each by themselves. */
export class MemoryState implements SharedState {
  readonly #secret: readonly [low: number, high: number];
  /** Weakly: the last config that has a limit is what keeps it. */
  readonly #limiters = new Map<string, WeakRef<KeyedLimiter>>();

  /** @param secret 64 bits of the hash of keys, the lower half first. Default: of chance. */
  constructor(secret?: readonly [low: number, high: number]) {
    const [low = 0, high = 0] = secret ?? crypto.getRandomValues(new Uint32Array(2));
    this.#secret = [low, high];
  }

  /** How many limits are kept, those that nothing holds any more among them until the next is asked for. */
  get size(): number {
    return this.#limiters.size;
  }

  rateLimiter(name: string, rules: RateRules): RateLimiter {
    for (const [known, limiter] of this.#limiters) {
      if (limiter.deref() === undefined) this.#limiters.delete(known);
    }
    const { algorithm, requests, windowMs, burst, maxKeys } = rules;
    const identity = JSON.stringify([name, algorithm, requests, windowMs, burst, maxKeys]);
    const kept = this.#limiters.get(identity)?.deref();
    if (kept !== undefined) return kept;
    const limiter = new KeyedLimiter(rules, this.#secret);
    this.#limiters.set(identity, new WeakRef(limiter));
    return limiter;
  }
}
