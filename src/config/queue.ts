import { check } from "./schema/check.ts";
import { named, withDefault } from "./schema/keys.ts";
import { objectOf } from "./schema/shapes.ts";
import { milliseconds, wholeNumber } from "./schema/values.ts";

/** No queue may be longer: who waits keeps a connection, and what has come of a body. */
export const MOST_WAITING = 1_000_000;

/**
 * How requests wait. A queue is on by itself, as in HAProxy, which queues once there is a `maxconn`: it does nothing
 * before somebody sets a limit, and who does wants to spare the backends, not to turn away what a moment later has
 * room. As many as Envoy's `max_pending_requests`; and so long, since a client that has waited for five seconds is
 * better told.
 */
export const queueSchema = named(
  "QueueConfig",
  "How requests wait while every backend has as many as `maxInFlight` allows.",
  objectOf({
    maxWaiting: withDefault(
      "The most requests that wait at once, in each process; one more gets 503, or takes the place of a less urgent one.",
      wholeNumber(1, MOST_WAITING),
      1_024,
    ),
    timeoutMs: withDefault(
      "The longest that one waits, in milliseconds, up to 0.1 s more; 0 is for as long as the request may take.",
      milliseconds(0),
      5_000,
    ),
  }),
);

/** The default of every key. */
export const QUEUE_DEFAULTS = check(queueSchema, {});
