import type { StateName } from "../core/backend.ts";
import type { BackendStatus } from "../core/backend-status.ts";
import type { LoadBalancerStatus } from "../load-balancer.ts";
import type { PoolBackendStatus } from "../serving/pools-status.ts";

/** What was counted for one backend by workers that have ended. */
interface Past {
  readonly requests: number;
  readonly failures: number;
  readonly cancelled: number;
  readonly ejections: number;
}

/** What a worker takes a backend out for by itself. */
const OUT_BY_TRAFFIC: readonly StateName[] = ["ejected", "open", "half-open"];

const NOTHING: Past = { requests: 0, failures: 0, cancelled: 0, ejections: 0 };

/**
 * Adds up what the workers count, each for itself. What ended workers had counted stays in the sums, as far
 * as they had told it, so that a counter never goes back; what they had under way does not.
 */
export class Sum {
  readonly #past = new Map<string, Past>();

  /** Takes in the last that was heard of a worker that has ended. */
  retire(last: LoadBalancerStatus): void {
    for (const backend of last.backends) {
      const { requests, failures, cancelled, ejections } = backend;
      const key = keyOf(backend);
      const past = this.#past.get(key) ?? NOTHING;
      this.#past.set(key, {
        requests: past.requests + requests,
        failures: past.failures + failures,
        cancelled: past.cancelled + cancelled,
        ejections: past.ejections + ejections,
      });
    }
  }

  /** Forgets what ended workers had counted for any other backends than these. */
  keep(backends: readonly PoolBackendStatus[]): void {
    const keys = new Set(backends.map(keyOf));
    for (const key of this.#past.keys()) if (!keys.has(key)) this.#past.delete(key);
  }

  /**
   * The status of all workers as if they were one.
   *
   * @param backends How the backends are, in their order; their own counters do not count.
   * @param live The last that was heard of each running worker.
   * @param panic Whether the checks alone leave too few backends.
   */
  of(
    backends: readonly PoolBackendStatus[],
    live: readonly LoadBalancerStatus[],
    draining: boolean,
    panic: boolean,
  ): LoadBalancerStatus {
    const byKey = live.map(({ backends }) => new Map(backends.map((backend) => [keyOf(backend), backend])));
    const summed = backends.map((backend) => {
      const parts = byKey.flatMap((own) => own.get(keyOf(backend)) ?? []);
      return this.#summed(backend, parts);
    });
    return {
      backends: summed,
      draining,
      panic: panic || live.some((own) => own.panic),
      inFlight: total(live, ({ inFlight }) => inFlight),
      waiting: total(live, ({ waiting }) => waiting),
    };
  }

  #summed(backend: PoolBackendStatus, parts: readonly BackendStatus[]): PoolBackendStatus {
    const past = this.#past.get(keyOf(backend)) ?? NOTHING;
    // Who fails live traffic, each worker finds by itself.
    const out = backend.alive ? parts.find(({ state }) => OUT_BY_TRAFFIC.includes(state)) : undefined;
    return {
      ...backend,
      alive: backend.alive && (out === undefined || parts.some(({ alive }) => alive)),
      state: out?.state ?? backend.state,
      ...limitOf(parts),
      inFlight: total(parts, ({ inFlight }) => inFlight),
      requests: past.requests + total(parts, ({ requests }) => requests),
      failures: past.failures + total(parts, ({ failures }) => failures),
      cancelled: past.cancelled + total(parts, ({ cancelled }) => cancelled),
      ejections: past.ejections + total(parts, ({ ejections }) => ejections),
      latencyMs: meanLatencyMs(parts),
    };
  }
}

/** One origin may be in several pools. */
function keyOf({ pool = "", url }: PoolBackendStatus): string {
  return `${pool} ${url}`;
}

/** The mean of the workers' averages, each weighing as much as it has requests; null if none has one. */
function meanLatencyMs(parts: readonly BackendStatus[]): number | null {
  const measured = parts.filter(({ latencyMs, requests }) => latencyMs !== null && requests > 0);
  const requests = total(measured, ({ requests }) => requests);
  if (requests === 0) return null;
  const weighted = total(measured, ({ latencyMs, requests }) => (latencyMs ?? 0) * requests);
  return Math.round((weighted / requests) * 100) / 100;
}

/** The limits of all workers together, where they have some. */
function limitOf(parts: readonly BackendStatus[]): Pick<BackendStatus, "limit"> {
  const limits = parts.flatMap(({ limit }) => limit ?? []);
  return limits.length === 0 ? {} : { limit: total(limits, (limit) => limit) };
}

function total<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}
