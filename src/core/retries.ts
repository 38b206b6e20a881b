import { backOffMs } from "./back-off.ts";
import type { Cancel, Clock } from "./clock.ts";
import { HedgeDelay } from "./hedging.ts";
import type { Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import { isRetryable, RetryBudget, type RetryRules, retriedStatuses } from "./retry.ts";

/** Which requests of a pool may be tried again, out of one budget, and how long they wait for it. */
export class Retries {
  /** When a second try is begun beside one that is slow. Undefined for never. */
  hedgeDelay: HedgeDelay | undefined;
  #rules: RetryRules;
  readonly #clock: Clock;
  readonly #random: Random;
  #retriedStatuses: ReadonlySet<number>;
  readonly #budget = new RetryBudget();
  #waiting = 0;

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
   * Whether a request whose try ended like this may be tried again. A yes takes one retry out of the budget.
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
      this.#budget.withdraw(nowMs)
    );
  }

  /** Whether an answer with this status is a reason to try again, for requests that may be repeated. */
  includesStatus(status: number): boolean {
    // Nearly all are below.
    return status >= 500 && this.#retriedStatuses.has(status);
  }

  /**
   * Whether a request with an answer like that may be tried again. Its backend has seen it, so it has to be one
   * whose repeating is harmless. A yes takes one retry out of the budget.
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
      this.#budget.withdraw(nowMs)
    );
  }

  /** Whether a second try may be begun beside another. A yes takes one retry out of the budget. */
  mayHedge(nowMs: number): boolean {
    return this.#budget.withdraw(nowMs);
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
}
