import { LatencyQuantile } from "./latency-quantile.ts";

/**
 * When a second try is begun beside one that has no answer yet: after a fixed time, or once it takes longer than
 * so many of a hundred did of late (above 0, below 100).
 */
export type HedgeRules = { readonly afterMs: number } | { readonly percentile: number };

/** Less than this is no sign that anything is slow, in milliseconds (Finagle, `BackupRequestFilter`). */
const LEAST_DELAY_MS = 1;

/**
 * How much longer than it was waited for an answer is taken to have been. It is at least as long, and were that all
 * that counted, an estimate that has come out too low would only see latencies cut at its own height, and stay there.
 */
const BEYOND = 1.25;

/**
 * Knows when to begin a second try (Dean and Barroso, "The Tail at Scale", CACM 2013): so late that few requests
 * have one, and those that do are the slow ones.
 */
export class HedgeDelay {
  readonly #afterMs: number;
  readonly #quantile: LatencyQuantile | undefined;

  constructor(rules: HedgeRules) {
    this.#afterMs = "afterMs" in rules ? rules.afterMs : -1;
    this.#quantile = "percentile" in rules ? new LatencyQuantile(rules.percentile) : undefined;
  }

  /** A try was answered after so long. */
  answered(latencyMs: number, nowMs: number): void {
    this.#quantile?.observe(latencyMs, nowMs);
  }

  /**
   * A try was given up after so long without an answer. If that was longer than the estimate, so would the answer
   * have been; if not, nobody knows. Not to count the former would make the estimate fall with each hedge that is
   * answered first, and more and more hedges of it.
   */
  unanswered(waitedMs: number, nowMs: number): void {
    if (this.#quantile !== undefined && waitedMs >= this.#quantile.at(nowMs)) {
      this.#quantile.observe(waitedMs * BEYOND, nowMs);
    }
  }

  /** How long to wait before a second try is begun, in milliseconds; -1 while that is not known. */
  at(nowMs: number): number {
    if (this.#quantile === undefined) return this.#afterMs;
    const estimateMs = this.#quantile.at(nowMs);
    return estimateMs < 0 ? -1 : Math.max(estimateMs, LEAST_DELAY_MS);
  }
}
