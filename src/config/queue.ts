import type { QueueRules } from "../core/waiting.ts";
import { checkKeys, checkObject, filled, milliseconds, wholeNumber } from "./values.ts";

/** How requests wait while every backend has as many as `maxInFlight` allows. */
export interface QueueConfig {
  /** The most requests that wait at once, in each process: from 1 to 1,000,000. Default 1,024. */
  readonly maxWaiting?: number;
  /** The longest that one waits, in milliseconds; 0 is for as long as the request may take. Default 5,000. */
  readonly timeoutMs?: number;
}

/**
 * The defaults. A queue is on by itself, as in HAProxy, which queues once there is a `maxconn`: it does nothing before
 * somebody sets a limit, and who does wants to spare the backends, not to turn away what a moment later has room. As
 * many as Envoy's `max_pending_requests`; and so long, since a client that has waited for five seconds is better told.
 */
export const QUEUE_DEFAULTS = {
  maxWaiting: 1_024,
  timeoutMs: 5_000,
} as const satisfies Required<QueueConfig>;

/** No queue may be longer: who waits keeps a connection, and what has come of a body. */
export const MOST_WAITING = 1_000_000;

/**
 * Checks it.
 *
 * @throws ConfigError that names the key that is wrong.
 */
export function resolveQueue(config: QueueConfig | false): QueueRules | false {
  if (config === false) return false;
  checkObject("queue", config, " or false");
  checkKeys("queue", config, Object.keys(QUEUE_DEFAULTS));
  const { maxWaiting, timeoutMs } = filled<Required<QueueConfig>>(config, QUEUE_DEFAULTS);
  return {
    maxWaiting: wholeNumber("queue.maxWaiting", maxWaiting, 1, MOST_WAITING),
    timeoutMs: milliseconds("queue.timeoutMs", timeoutMs, 0),
  };
}
