import { neverSent, Outcome } from "./outcome.ts";

/** A kind of failure that may be tried again, as `--retry-on` names it. */
export const RETRY_CONDITIONS = ["connect", "reset", "timeout"] as const;

/** One of the words above. */
export type RetryCondition = (typeof RETRY_CONDITIONS)[number];

/** When a failed try is followed by another. */
export interface RetryRules {
  /** Tries after the first. */
  readonly retries: number;
  /** The failures worth another try. */
  readonly retryOn: readonly RetryCondition[];
}

/**
 * Whether the outcome is one that the rules try again, for a request of this kind.
 *
 * A try that never reached the application is repeated for every method. After that only idempotent
 * requests are (RFC 9110 §9.2.2: a proxy must not repeat others by itself).
 */
export function isRetryable(rules: RetryRules, outcome: Outcome, idempotent: boolean): boolean {
  const condition = conditionOf(outcome);
  if (condition === undefined || !rules.retryOn.includes(condition)) return false;
  return idempotent || neverSent(outcome);
}

function conditionOf(outcome: Outcome): RetryCondition | undefined {
  switch (outcome) {
    case Outcome.connectFailed:
      return "connect";
    case Outcome.reset:
    case Outcome.malformed:
      return "reset";
    case Outcome.timedOut:
      return "timeout";
    default:
      return undefined;
  }
}

const WINDOW_SECONDS = 10;
const SHARE_OF_REQUESTS = 0.2;
const FLOOR_PER_SECOND = 10;

/**
 * Keeps retries from becoming the outage: over the last ten seconds they may be at most a fifth of the
 * requests, or ten a second, whichever is more (Finagle's `RetryBudget` defaults).
 *
 * Counted in a ring of one-second buckets, so that what was saved up in a quiet hour cannot be spent at
 * once, and a budget takes the same few bytes however many requests pass.
 */
export class RetryBudget {
  readonly #requests = new Float64Array(WINDOW_SECONDS);
  readonly #retries = new Float64Array(WINDOW_SECONDS);
  #requestsInWindow = 0;
  #retriesInWindow = 0;
  #second = 0;

  /** Counts a client's request. */
  deposit(nowMs: number): void {
    this.#advance(nowMs);
    const bucket = this.#second % WINDOW_SECONDS;
    this.#requests[bucket] = (this.#requests[bucket] as number) + 1;
    this.#requestsInWindow += 1;
  }

  /** Takes one retry out of the budget; false, and nothing is taken, if there is none left. */
  withdraw(nowMs: number): boolean {
    this.#advance(nowMs);
    const allowed = Math.max(this.#requestsInWindow * SHARE_OF_REQUESTS, FLOOR_PER_SECOND * WINDOW_SECONDS);
    if (this.#retriesInWindow + 1 > allowed) return false;
    const bucket = this.#second % WINDOW_SECONDS;
    this.#retries[bucket] = (this.#retries[bucket] as number) + 1;
    this.#retriesInWindow += 1;
    return true;
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const passed = Math.min(second - this.#second, WINDOW_SECONDS);
    for (let step = 1; step <= passed; step++) {
      const bucket = (this.#second + step) % WINDOW_SECONDS;
      this.#requestsInWindow -= this.#requests[bucket] as number;
      this.#retriesInWindow -= this.#retries[bucket] as number;
      this.#requests[bucket] = 0;
      this.#retries[bucket] = 0;
    }
    if (passed > 0) this.#second = second;
  }
}
