import { backOffMs } from "./back-off.ts";
import type { Cancel, Clock } from "./clock.ts";
import { HedgeDelay } from "./hedging.ts";
import type { Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import { isRetryable, RetryBudget, type RetryRules, retriedStatuses } from "./retry.ts";

/**
 * Which requests of a pool may be tried again, out of one budget and within one limit, and how long they wait for it.
 *
 * The budget is about retries in ten seconds, the limit about those of one moment (Envoy's `max_retries`): from the yes
 * on, waits among it, until the request has an answer or will have none. Then whoever asked says `over`.
 */
export class Retries {
  /** When a second try is begun beside one that is slow. Undefined for never. */
  hedgeDelay: HedgeDelay | undefined;
  #rules: RetryRules;
  readonly #clock: Clock;
  readonly #random: Random;
  #retriedStatuses: ReadonlySet<number>;
  readonly #budget = new RetryBudget();
  #waiting = 0;
  #underWay = 0;

  constructor(rules: RetryRules, clock: Clock, random: Random) {
    this.#rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#retriedStatuses = retriedStatuses(rules);
    if (rules.hedge) this.hedgeDelay = new HedgeDelay(rules.hedge);
  }

  /** Goes by other rules from now on; the budget stays, and so do those that wait. */
  reconfigure(rules: RetryRules): void {
    this.#rules = rules;
    this.#retriedStatuses = retriedStatuses(rules);
    this.hedgeDelay = rules.hedge ? new HedgeDelay(rules.hedge) : undefined;
  }

  /** Counts a client's request, once, however many tries it takes. */
  admit(nowMs: number): void {
    this.#budget.deposit(nowMs);
  }

  /**
   * Whether a request whose try ended like this may be tried again. A yes takes one retry out of the budget; the first
   * one for a request also counts it among those `underWay`.
   *
   * @param attempt How many tries there were before this one: 0 for the first.
   * @param idempotent Whether repeating the request is harmless (RFC 9110 §9.2.2).
   * @param replayable Whether its body can still be sent from its first byte.
   * @param nowMs The clock's time.
   */
  mayRetry(
    attempt: number,
    outcome: Outcome,
    idempotent: boolean,
    replayable: boolean,
    nowMs: number,
  ): boolean {
    return (
      replayable &&
      attempt < this.#rules.retries &&
      isRetryable(this.#rules, outcome, idempotent) &&
      this.#take(attempt === 0, nowMs)
    );
  }

  /** Whether an answer with this status is a reason to try again, for requests that may be repeated. */
  includesStatus(status: number): boolean {
    // Nearly all are below.
    return status >= 500 && this.#retriedStatuses.has(status);
  }

  /**
   * Whether a request with an answer like that may be tried again. Its backend has seen it, so it has to be one
   * whose repeating is harmless. A yes is as one of `mayRetry`.
   *
   * @param attempt How many tries there were before this one: 0 for the first.
   */
  mayReplace(
    attempt: number,
    status: number,
    idempotent: boolean,
    replayable: boolean,
    nowMs: number,
  ): boolean {
    return (
      idempotent &&
      replayable &&
      attempt < this.#rules.retries &&
      this.includesStatus(status) &&
      this.#take(attempt === 0, nowMs)
    );
  }

  /** Whether a second try may be begun beside another. A yes takes one retry out of the budget, and is `underWay`. */
  mayHedge(nowMs: number): boolean {
    return this.#take(true, nowMs);
  }

  /** So many that were under way are not any more. */
  over(count: number): void {
    this.#underWay -= count;
  }

  /** Requests that are being tried again, and second tries beside a first. */
  get underWay(): number {
    return this.#underWay;
  }

  /**
   * How long a backend that has just failed is left alone before it is tried again, in milliseconds.
   *
   * @param waits How many waits there were before, for the same request.
   */
  backOffMs(waits: number): number {
    return backOffMs(waits, this.#random);
  }

  /** Calls `fn` when a request has waited so long for its next try. Until then it counts among the `waiting`. */
  wait(delayMs: number, fn: () => void): Cancel {
    this.#waiting += 1;
    let isOver = false;
    const over = () => {
      if (!isOver) this.#waiting -= 1;
      isOver = true;
    };
    const cancel = this.#clock.after(delayMs, () => {
      over();
      fn();
    });
    return () => {
      over();
      cancel();
    };
  }

  /** Requests between two tries: under way, and on no backend. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @param isMore Whether it would be one more that is under way. */
  #take(isMore: boolean, nowMs: number): boolean {
    const { maxRetries = 0 } = this.#rules;
    if (isMore && maxRetries > 0 && this.#underWay >= maxRetries) return false;
    if (!this.#budget.withdraw(nowMs)) return false;
    if (isMore) this.#underWay += 1;
    return true;
  }
}
