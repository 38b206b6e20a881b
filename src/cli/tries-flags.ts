import { parseHedge } from "../config/hedge.ts";
import { sizeText } from "../config/size.ts";
import { MOST_RETRIES, TRIES_DEFAULTS } from "../config/tries.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { HedgeConfig } from "../config/types/tries.ts";
import { RETRY_CONDITIONS, type RetryCondition } from "../core/retry.ts";
import type { Flags } from "./flags.ts";
import type { Given } from "./given.ts";
import { timeText } from "./time-text.ts";

/** The flags that say how often a request is tried, and how long it may take. */
export const TRIES_FLAGS = {
  retries: {
    type: "string",
    valueHint: "N",
    description: "tries after the first, each on another backend while there is one",
    default: String(TRIES_DEFAULTS.retries),
    key: "retries",
  },
  "max-retries": {
    type: "string",
    valueHint: "N",
    description:
      "retries under way at once, of all requests, in each process; 0 is no limit but their budget",
    default: String(TRIES_DEFAULTS.maxRetries),
    key: "maxRetries",
  },
  "retry-on": {
    type: "string",
    valueHint: "WORD[,WORD…]",
    description: `what is tried again: ${RETRY_CONDITIONS.join(", ")}`,
    default: TRIES_DEFAULTS.retryOn.join(","),
    isList: true,
    key: "retryOn",
  },
  "replay-limit": {
    type: "string",
    valueHint: "SIZE",
    description: "the most of a request's body that is kept for another try; 0 is nothing",
    default: sizeText(TRIES_DEFAULTS.replayLimitBytes),
    key: "replayLimitBytes",
  },
  "hedge-after": {
    type: "string",
    valueHint: "TIME|pN",
    description:
      "when a second try is begun beside one without an answer: after a time, or as p95 goes by; or off",
    default: "off",
    key: "hedge",
  },
  timeout: {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for an answer to begin; 0 is no limit",
    default: timeText(TRIES_DEFAULTS.timeoutMs),
    key: "timeoutMs",
  },
  "try-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the same for one try; 0 is no limit",
    default: timeText(TRIES_DEFAULTS.tryTimeoutMs),
    key: "tryTimeoutMs",
  },
  "request-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest time from a request's head to the end of its answer; 0 is no limit",
    default: timeText(TRIES_DEFAULTS.requestTimeoutMs),
    key: "requestTimeoutMs",
  },
  "body-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest silence of a backend in the middle of an answer; 0 is no limit",
    default: timeText(TRIES_DEFAULTS.bodyTimeoutMs),
    key: "bodyTimeoutMs",
  },
  "write-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest time in which a client takes nothing of its answer; 0 is no limit",
    default: timeText(TRIES_DEFAULTS.writeTimeoutMs),
    key: "writeTimeoutMs",
  },
  "deadline-header": {
    type: "string",
    valueHint: "NAME",
    description: "where trusted proxies say how many milliseconds they leave for a request (default nowhere)",
    key: "deadlineHeader",
  },
} as const satisfies Flags;

type Tries = Pick<LoadBalancerConfig, keyof typeof TRIES_DEFAULTS>;

/** What was given of these; what was not is undefined. Words and numbers are checked with the config. */
export function givenTries(given: Given): { [Key in keyof Tries]: Tries[Key] | undefined } {
  return {
    retries: given.wholeNumber("retries", 0, 100),
    maxRetries: given.wholeNumber("max-retries", 0, MOST_RETRIES),
    retryOn: given.list("retry-on") as RetryCondition[] | undefined,
    replayLimitBytes: given.sizeBytes("replay-limit"),
    hedge: hedgeOf(given),
    timeoutMs: given.durationMs("timeout", true),
    tryTimeoutMs: given.durationMs("try-timeout", true),
    requestTimeoutMs: given.durationMs("request-timeout", true),
    bodyTimeoutMs: given.durationMs("body-timeout", true),
    writeTimeoutMs: given.durationMs("write-timeout", true),
    deadlineHeader: given.text("deadline-header"),
  };
}

function hedgeOf(given: Given): HedgeConfig | false | undefined {
  const text = given.text("hedge-after");
  return text === undefined ? undefined : parseHedge(text, given.place("hedge-after"));
}
