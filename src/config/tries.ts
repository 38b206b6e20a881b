import type { HedgeRules } from "../core/hedging.ts";
import { RETRY_CONDITIONS, type RetriedStatus, type RetryCondition, type RetryRules } from "../core/retry.ts";
import { type HedgeConfig, resolveHedge } from "./hedge.ts";
import { ConfigError } from "./problem.ts";
import { checkWord, filled, list, milliseconds, wholeNumber } from "./values.ts";

/** How often a request is tried, and how long it may take. Every key has a default. */
export interface TriesConfig {
  /** Tries after the first, for a request whose try failed. Default 2. */
  readonly retries?: number;
  /**
   * Retries and second tries under way at once, of all requests together: a request that would be one more is not
   * tried again (Envoy's `max_retries`). 0 is no limit but the budget. Default 0.
   */
  readonly maxRetries?: number;
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
  /**
   * When a second try is begun on another backend, beside one that has no answer yet: the first answer counts, and the
   * other try is given up. Only for requests that may be repeated, whose body is kept whole. Default `false`: never.
   */
  readonly hedge?: HedgeConfig | false;
  /** The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit. Default 60,000. */
  readonly timeoutMs?: number;
  /** The longest wait for the head of an answer in one try, in milliseconds; 0 is no limit but `timeoutMs`. Default 0. */
  readonly tryTimeoutMs?: number;
  /**
   * The longest time from the end of a request's head to the last byte of its answer, in milliseconds; 0 is no limit.
   * Before an answer has begun the client then gets 504; after that its answer breaks off. Default 0.
   */
  readonly requestTimeoutMs?: number;
  /**
   * The longest silence of a backend in the middle of an answer's body, in milliseconds; 0 is no limit. Default 0:
   * an event stream may be silent for as long as it likes, and nothing tells it from a backend that hangs.
   */
  readonly bodyTimeoutMs?: number;
  /**
   * The longest time in which a client takes nothing of an answer that is there for it, in milliseconds; 0 is no
   * limit. Then the answer breaks off, and the backend is let go of. Default 60,000, as nginx's `send_timeout`.
   */
  readonly writeTimeoutMs?: number;
  /**
   * The name of a field in which trusted proxies say how many milliseconds they leave for a request, such as
   * `x-envoy-expected-rq-timeout-ms`: less than `requestTimeoutMs` counts instead of it. Default `false`: none.
   */
  readonly deadlineHeader?: string | false;
}

/** The same, checked, with every default filled in. */
export interface ResolvedTries extends RetryRules {
  readonly maxRetries: number;
  readonly replayLimitBytes: number;
  readonly hedge: HedgeRules | false;
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** In lower case. */
  readonly deadlineHeader: string | false;
}

/** The defaults. */
export const TRIES_DEFAULTS = {
  retries: 2,
  maxRetries: 0,
  retryOn: ["connect", "reset"],
  replayLimitBytes: 65_536,
  hedge: false,
  timeoutMs: 60_000,
  tryTimeoutMs: 0,
  requestTimeoutMs: 0,
  bodyTimeoutMs: 0,
  writeTimeoutMs: 60_000,
  deadlineHeader: false,
} as const satisfies Required<TriesConfig>;

/** The highest limit on the retries under way at once. */
export const MOST_RETRIES = 1_000_000;

/** No more of one request's body may be kept than this: 1 GiB. */
const MOST_REPLAYED_BYTES = 1_073_741_824;

/**
 * Checks these keys of a config and fills in the defaults.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveTries(config: TriesConfig): ResolvedTries {
  const all = filled<Required<TriesConfig>>(config, TRIES_DEFAULTS);
  const retryOn = list("retryOn", all.retryOn).map(String) as RetryCondition[];
  for (const condition of retryOn) checkWord("retryOn", condition, RETRY_CONDITIONS);
  return {
    retries: wholeNumber("retries", all.retries, 0, 100),
    maxRetries: wholeNumber("maxRetries", all.maxRetries, 0, MOST_RETRIES),
    retryOn,
    replayLimitBytes: wholeNumber("replayLimitBytes", all.replayLimitBytes, 0, MOST_REPLAYED_BYTES),
    hedge: resolveHedge(all.hedge),
    timeoutMs: milliseconds("timeoutMs", all.timeoutMs, 0),
    tryTimeoutMs: milliseconds("tryTimeoutMs", all.tryTimeoutMs, 0),
    requestTimeoutMs: milliseconds("requestTimeoutMs", all.requestTimeoutMs, 0),
    bodyTimeoutMs: milliseconds("bodyTimeoutMs", all.bodyTimeoutMs, 0),
    writeTimeoutMs: milliseconds("writeTimeoutMs", all.writeTimeoutMs, 0),
    deadlineHeader: fieldName("deadlineHeader", all.deadlineHeader),
  };
}

/** A field's name (RFC 9110 §5.1), in lower case; or false. */
function fieldName(place: string, value: string | false): string | false {
  if (value === false) return false;
  if (typeof value === "string" && /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)) return value.toLowerCase();
  const example = "expected the name of a header, such as x-request-timeout-ms, or false";
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, ${example}`);
}
