import type { Backend, StateName } from "./backend.ts";

/** One backend as the status shows it. */
export interface BackendStatus {
  /** The backend's origin. */
  readonly url: string;
  /** True if it is given requests, panic aside. */
  readonly alive: boolean;
  /** The same with the reason: `unchecked`, `up` and `half-open` are alive; `down`, `ejected`, `open` and `draining` are not. */
  readonly state: StateName;
  /** As configured. */
  readonly weight: number;
  readonly tier: number;
  /** The most exchanges under way at once; 0 is no limit. */
  readonly maxInFlight: number;
  /** The most that are under way at once as things are; not there without a limit that follows the latency. */
  readonly limit?: number;
  /** Exchanges under way. */
  readonly inFlight: number;
  /** Exchanges begun since the start. */
  readonly requests: number;
  /** Of these, the ones that failed: no connection, no answer, a broken one, or a status of 500 or above. */
  readonly failures: number;
  /** Of these, the ones given up since another try of the same request was answered first. */
  readonly cancelled: number;
  /** How often live traffic has ejected it since the start. */
  readonly ejections: number;
  /** Moving average of the time to the head of the answer, in milliseconds; null before the first one. */
  readonly latencyMs: number | null;
}

/** How a backend is now. */
export function statusOf(backend: Backend): BackendStatus {
  const { concurrency, maxInFlight } = backend;
  return {
    url: backend.origin,
    alive: backend.available,
    state: backend.stateName,
    weight: backend.ownWeight,
    tier: backend.tier,
    maxInFlight,
    ...(concurrency === undefined ? {} : { limit: Math.min(concurrency.limit, maxInFlight || Infinity) }),
    inFlight: backend.inFlight,
    requests: backend.requests,
    failures: backend.failures,
    cancelled: backend.cancelled,
    ejections: backend.ejections,
    latencyMs: backend.ewmaMs < 0 ? null : Math.round(backend.ewmaMs * 100) / 100,
  };
}
