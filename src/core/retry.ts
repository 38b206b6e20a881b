import type { HedgeRules } from "./hedging.ts";
import { neverSent, Outcome } from "./outcome.ts";
import { RecentCount } from "./recent-count.ts";

/**
 * What may be tried again, as `--retry-on` names it: a kind of failure, or an answer with a status that says that
 * the backend did not do its work. The statuses are those of nginx's `proxy_next_upstream`.
 */
export const RETRY_CONDITIONS = ["connect", "reset", "timeout", "500", "502", "503", "504"] as const;

/** One of the words above. */
export type RetryCondition = (typeof RETRY_CONDITIONS)[number];

/** The statuses among them, as numbers. */
export type RetriedStatus = 500 | 502 | 503 | 504;

/** When a failed try is followed by another. */
export interface RetryRules {
  /** Tries after the first. */
  readonly retries: number;
  /** Retries and second tries under way at once, of all requests; 0 is no limit but the budget. Default 0. */
  readonly maxRetries?: number;
  /** What is worth another try. */
  readonly retryOn: readonly RetryCondition[];
  /** When a second try is begun beside one that is slow. Default: never. */
  readonly hedge?: HedgeRules | false;
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

/** The statuses whose answers the rules try again. */
export function retriedStatuses(rules: RetryRules): ReadonlySet<number> {
  return new Set(rules.retryOn.map(Number).filter((status) => !Number.isNaN(status)));
}

function conditionOf(outcome: Outcome): RetryCondition | undefined {
  switch (outcome) {
    case Outcome.connectFailed:
    case Outcome.noRoom:
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

const BUCKET_MS = 100;
/** Ten seconds. */
const WINDOW_BUCKETS = 100;
const SHARE_OF_REQUESTS = 0.2;
/** Ten a second, over the window. */
const FLOOR_PER_WINDOW = 100;

/**
 * Keeps retries from becoming the outage: over the last ten seconds they may be at most a fifth of the
 * requests, or ten a second, whichever is more (Finagle's `RetryBudget` defaults).
 *
 * Counted in rings of buckets, so that what was saved up in a quiet hour cannot be spent at once, and a
 * budget takes the same few bytes however many requests pass. The oldest bucket is partly outside the
 * window: it still counts among the retries and no longer among the requests, so the limit holds exactly.
 */
export class RetryBudget {
  readonly #requests = new RecentCount(WINDOW_BUCKETS, BUCKET_MS);
  readonly #retries = new RecentCount(WINDOW_BUCKETS + 1, BUCKET_MS);

  /** Counts a client's request. */
  deposit(nowMs: number): void {
    this.#requests.increment(nowMs);
  }

  /** Takes one retry out of the budget; false, and nothing is taken, if there is none left. */
  withdraw(nowMs: number): boolean {
    const allowed = Math.max(this.#requests.total(nowMs) * SHARE_OF_REQUESTS, FLOOR_PER_WINDOW);
    if (this.#retries.total(nowMs) + 1 > allowed) return false;
    this.#retries.increment(nowMs);
    return true;
  }
}
