import { RETRY_CONDITIONS, type RetriedStatus, type RetryCondition, type RetryRules } from "../core/retry.ts";
import { checkWord, filled, list, milliseconds, wholeNumber } from "./values.ts";

/** How often a request is tried, and how long it may take. Every key has a default. */
export interface TriesConfig {
  /** Tries after the first, for a request whose try failed. Default 2. */
  readonly retries?: number;
  /**
   * What is tried again: failures, and answers with these statuses. Once a request may have reached a backend, only
   * one that may be repeated (GET, HEAD, PUT, DELETE, OPTIONS). Default `["connect", "reset"]`.
   */
  readonly retryOn?: readonly (RetryCondition | RetriedStatus)[];
  /**
   * The most of a request's body that is kept in memory for another try, in bytes: a request of which more was sent
   * has one try. 0 keeps nothing. Default 65,536.
   */
  readonly replayLimitBytes?: number;
  /** The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit. Default 60,000. */
  readonly timeoutMs?: number;
  /** The longest wait for the head of an answer in one try, in milliseconds; 0 is no limit but `timeoutMs`. Default 0. */
  readonly tryTimeoutMs?: number;
}

/** The same, checked, with every default filled in. */
export interface ResolvedTries extends RetryRules {
  readonly replayLimitBytes: number;
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
}

/** The defaults. */
export const TRIES_DEFAULTS = {
  retries: 2,
  retryOn: ["connect", "reset"],
  replayLimitBytes: 65_536,
  timeoutMs: 60_000,
  tryTimeoutMs: 0,
} as const satisfies Required<TriesConfig>;

/** No more of one request's body may be kept than this: 1 GiB. */
const MOST_REPLAYED_BYTES = 1_073_741_824;

/**
 * Checks these keys of a config and fills in the defaults.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveTries(config: TriesConfig): ResolvedTries {
  const { retries, retryOn, replayLimitBytes, timeoutMs, tryTimeoutMs } = filled<Required<TriesConfig>>(
    config,
    TRIES_DEFAULTS,
  );
  const conditions = list("retryOn", retryOn).map(String) as RetryCondition[];
  for (const condition of conditions) checkWord("retryOn", condition, RETRY_CONDITIONS);
  return {
    retries: wholeNumber("retries", retries, 0, 100),
    retryOn: conditions,
    replayLimitBytes: wholeNumber("replayLimitBytes", replayLimitBytes, 0, MOST_REPLAYED_BYTES),
    timeoutMs: milliseconds("timeoutMs", timeoutMs, 0),
    tryTimeoutMs: milliseconds("tryTimeoutMs", tryTimeoutMs, 0),
  };
}
