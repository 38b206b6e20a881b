import type { Backend } from "./backend.ts";
import { Breaker, type BreakerRules } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import { ConcurrencyLimit, type ConcurrencyRules } from "./concurrency-limit.ts";
import { type StateChange, stateChange } from "./health.ts";
import type { Outcome } from "./outcome.ts";
import type { Pool } from "./pool.ts";
import type { Random } from "./random.ts";
import { type QueueRules, Waiting } from "./waiting.ts";

/** What limits how many exchanges a backend has, and what becomes of the requests that have to wait for that. */
export interface CapacityRules {
  /** When a backend that fails is left alone. Default: never. */
  readonly circuitBreaker?: BreakerRules | false;
  /** How the limits on requests under way follow the backends' latencies. Default: they do not. */
  readonly adaptiveConcurrency?: ConcurrencyRules | false;
  /** How requests wait while all backends are full. Default: they do not, and are refused at once. */
  readonly queue?: QueueRules | false;
}

/**
 * How many exchanges each backend of a pool may have: what its limit and its breaker say, and who gets the room that
 * becomes free. Where nothing limits anything, `isLimiting` says so, and nothing else here is asked.
 */
export class Capacity {
  /** Whether anything could make a backend full. */
  isLimiting = false;
  /** Those that wait for room. Undefined if nobody ever does. */
  waiting: Waiting | undefined;
  readonly #pool: Pool;
  #rules: CapacityRules = {};
  #breaker: Breaker | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: (change: StateChange) => void;

  /** @param onChange Told once of each change of a circuit's state. */
  constructor(
    rules: CapacityRules,
    pool: Pool,
    clock: Clock,
    random: Random,
    onChange: (change: StateChange) => void,
  ) {
    this.#pool = pool;
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
    this.reconfigure(rules);
  }

  /**
   * Goes by other rules from now on. Circuits and limits that follow latencies stay where their own rules do, and
   * begin anew where they do not. Whoever waits goes on waiting.
   */
  reconfigure(rules: CapacityRules): void {
    const before = this.#rules;
    this.#rules = rules;
    if (!isAlike(before.circuitBreaker, rules.circuitBreaker)) this.#changeBreaker(rules.circuitBreaker);
    if (!isAlike(before.adaptiveConcurrency, rules.adaptiveConcurrency)) {
      for (const backend of this.#pool.members) dropLimit(backend);
    }
    if (this.waiting !== undefined) this.waiting.reconfigure(rules.queue || NOBODY_WAITS);
    else if (rules.queue) this.waiting = new Waiting(rules.queue, this.#pool, this.#clock);
    this.guard();
  }

  /** Whether room is being given to those who wait: whoever comes now is to wait behind them. */
  get isHandingOver(): boolean {
    return this.isLimiting && this.waiting?.isServing === true;
  }

  /** Takes in the members of the pool. */
  guard(): void {
    const { members } = this.#pool;
    const { adaptiveConcurrency = false } = this.#rules;
    for (const backend of members) {
      this.#breaker?.guard(backend);
      if (adaptiveConcurrency) backend.concurrency ??= this.#limitOf(backend, adaptiveConcurrency);
    }
    const isLimited =
      adaptiveConcurrency !== false ||
      members.some(({ maxInFlight, circuit }) => maxInFlight > 0 || circuit !== undefined);
    // Those who still wait go before those who come, also where no more have to wait.
    this.isLimiting = isLimited || (this.waiting !== undefined && this.waiting.size > 0);
  }

  /** Ends what the backend has pending; to be called when it leaves its pool. */
  forget(backend: Backend): void {
    this.#breaker?.forget(backend);
    dropLimit(backend);
  }

  /** An exchange has begun. */
  begun(backend: Backend, startMs: number): void {
    if (backend.circuit !== undefined) this.#breaker?.begin(backend.circuit, startMs);
    this.#pool.room.update(backend);
  }

  /** An exchange that began at `startMs` has ended like this. The last of what there is to do: others may begin here. */
  ended(backend: Backend, outcome: Outcome, startMs: number): void {
    if (backend.circuit !== undefined) this.#breaker?.end(backend, backend.circuit, outcome, startMs);
    this.#pool.room.update(backend);
    this.waiting?.freed(backend);
  }

  #changeBreaker(rules: BreakerRules | false | undefined): void {
    for (const backend of this.#pool.members) {
      const wasOut = !backend.available;
      this.#breaker?.forget(backend);
      if (wasOut && backend.available) {
        this.#onChange(stateChange(backend, false, "circuit closed, it goes by other rules now"));
      }
    }
    this.#breaker = rules ? new Breaker(rules, this.#clock, this.#onChange) : undefined;
  }

  #limitOf(backend: Backend, rules: ConcurrencyRules): ConcurrencyLimit {
    let limit = rules.initialLimit;
    const concurrency = new ConcurrencyLimit(rules, this.#clock, this.#random, () => {
      const isMore = concurrency.limit > limit;
      limit = concurrency.limit;
      this.#pool.room.update(backend);
      if (isMore) this.waiting?.freed(backend);
    });
    return concurrency;
  }
}

/** Where nobody waits any more, those that do keep their time. */
const NOBODY_WAITS: QueueRules = { maxWaiting: 0, timeoutMs: 0 };

function dropLimit(backend: Backend): void {
  backend.concurrency?.forget();
  backend.concurrency = undefined;
}

/** Whether two sets of rules say the same. They are flat, and have no functions. */
function isAlike(one: object | false | undefined, other: object | false | undefined): boolean {
  return JSON.stringify(one || false) === JSON.stringify(other || false);
}
