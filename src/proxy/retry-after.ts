/** `delay-seconds`. */
const SECONDS = /^\d{1,9}$/;

/** `IMF-fixdate` (RFC 9110 §5.6.7): the only form that is still to be written, and the only one read here. */
const MOMENT = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long an answer wants its backend to be left alone, in milliseconds (RFC 9110 §10.2.3).
 *
 * @param retryAfter The value of its `Retry-After`; null if it has none.
 * @param date The value of its `Date`; null if it has none. A moment to come back at is counted from it, so that
 *   both are told by one clock.
 * @returns 0 if it says nothing that can be understood; infinite if nobody knows when the moment is.
 */
export function retryAfterMs(retryAfter: string | null, date: string | null): number {
  if (retryAfter === null) return 0;
  if (SECONDS.test(retryAfter)) return Number(retryAfter) * 1000;
  const untilMs = momentMs(retryAfter);
  if (Number.isNaN(untilMs)) return 0;
  const fromMs = momentMs(date ?? "");
  return Number.isNaN(fromMs) ? Number.POSITIVE_INFINITY : Math.max(0, untilMs - fromMs);
}

/** The same of an answer; 0 for one of another status than 503, where it means something else. */
export function heldMs({ status, headers }: Response): number {
  return status === 503 ? retryAfterMs(headers.get("retry-after"), headers.get("date")) : 0;
}

function momentMs(text: string): number {
  return MOMENT.test(text) ? Date.parse(text) : Number.NaN;
}
