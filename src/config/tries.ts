import * as v from "valibot";
import { RETRY_CONDITIONS, type RetriedStatus, type RetryCondition } from "../core/retry.ts";
import { hedgeSchema } from "./hedge.ts";
import { defaultsOf, withDefault } from "./schema/keys.ts";
import { listOf, orFalse } from "./schema/shapes.ts";
import { headerName, milliseconds, oneOf, sizeBytes, typed, wholeNumber } from "./schema/values.ts";

/** The highest limit on the retries under way at once. */
export const MOST_RETRIES = 1_000_000;

/** No more of one request's body may be kept than this: 1 GiB. */
const MOST_REPLAYED_BYTES = 1_073_741_824;

/** Statuses are numbers to some and words to others. */
const RETRIED = typed<RetryCondition | RetriedStatus>(oneOf([...RETRY_CONDITIONS, 500, 502, 503, 504]), {
  type: "RetryCondition | RetriedStatus",
  imports: { "core/retry.ts": ["RetriedStatus", "RetryCondition"] },
});

/** How often a request is tried, and how long it may take. */
export const TRIES = {
  retries: withDefault("Tries after the first, for a request whose try failed.", wholeNumber(0, 100), 2),
  maxRetries: withDefault(
    "Retries and second tries under way at once, of all requests together, beside their budget: a request that would be one more is not tried again (Envoy's `max_retries`). 0 is no limit but the budget.",
    wholeNumber(0, MOST_RETRIES),
    0,
  ),
  retryOn: withDefault(
    `What is tried again: failures, and answers with these statuses, of ${RETRY_CONDITIONS.map((word) => `\`${word}\``).join(", ")}. Once a request may have reached a backend, only one that may be repeated (GET, HEAD, PUT, DELETE, OPTIONS).`,
    v.pipe(
      listOf(RETRIED),
      v.transform((conditions): readonly RetryCondition[] => conditions.map(String) as RetryCondition[]),
    ),
    ["connect", "reset"],
  ),
  replayLimitBytes: withDefault(
    "The most of a request's body that is kept in memory for another try, in bytes: a request of which more was sent has one try. 0 keeps nothing.",
    sizeBytes(0, MOST_REPLAYED_BYTES),
    65_536,
  ),
  hedge: withDefault(
    "When a second try is begun on another backend, beside one that has no answer yet: the first answer counts, and the other try is given up. Only for requests that may be repeated, whose body is kept whole. `false` is never.",
    orFalse(hedgeSchema),
    false,
  ),
  timeoutMs: withDefault(
    "The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit.",
    milliseconds(0),
    60_000,
  ),
  tryTimeoutMs: withDefault(
    "The longest wait for the head of an answer in one try, in milliseconds; 0 is no limit but `timeoutMs`.",
    milliseconds(0),
    0,
  ),
  requestTimeoutMs: withDefault(
    "The longest time from the end of a request's head to the last byte of its answer, in milliseconds; 0 is no limit. Before an answer has begun the client then gets 504; after that its answer breaks off.",
    milliseconds(0),
    0,
  ),
  bodyTimeoutMs: withDefault(
    "The longest silence of a backend in the middle of an answer's body, in milliseconds; 0 is no limit: an event stream may be silent for as long as it likes, and nothing tells it from a backend that hangs.",
    milliseconds(0),
    0,
  ),
  writeTimeoutMs: withDefault(
    "The longest time in which a client takes nothing of an answer that is there for it, in milliseconds; 0 is no limit. Then the answer breaks off, and the backend is let go of. The default is that of nginx's `send_timeout`; the server of `lb/front` has one of its own.",
    milliseconds(0),
    60_000,
  ),
  deadlineHeader: withDefault(
    "The name of a field in which trusted proxies say how many milliseconds they leave for a request, such as `x-envoy-expected-rq-timeout-ms`: less than `requestTimeoutMs` counts instead of it. `false` is none.",
    orFalse(headerName("the name of a header, such as x-request-timeout-ms, or false")),
    false,
  ),
};

/** The defaults. */
export const TRIES_DEFAULTS = defaultsOf(TRIES);
