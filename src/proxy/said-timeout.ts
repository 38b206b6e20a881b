const MILLISECONDS = /^\d{1,9}$/;

/**
 * How long a client leaves for its request, as Envoy's `x-envoy-expected-rq-timeout-ms` says it: a whole number of
 * milliseconds.
 *
 * @param value The field's value; null if it is not there.
 * @returns Infinite if it says nothing that can be understood, or 0, which is none.
 */
export function saidTimeoutMs(value: string | null): number {
  const ms = value !== null && MILLISECONDS.test(value) ? Number(value) : 0;
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
