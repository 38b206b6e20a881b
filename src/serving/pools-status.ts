import { DEFAULT_POOL } from "../config/pool-name.ts";
import type { BackendStatus } from "../core/backend-status.ts";

/** A backend in a balancer's status. */
export interface PoolBackendStatus extends BackendStatus {
  /** Its pool's name; left out where the one pool is that of the backends at the top of the config. */
  readonly pool?: string;
}

/** How all pools of a balancer are doing. */
export interface PoolsStatus {
  /** Pool by pool, in the order of the config. */
  readonly backends: readonly PoolBackendStatus[];
  /** True while a pool has so few backends available that all of them get traffic. */
  readonly panic: boolean;
  /** Exchanges under way on all backends. */
  readonly inFlight: number;
  /** Requests that wait for room at a backend. */
  readonly waiting: number;
}

/** The backends of all pools, in their order, each with its pool's name where it has to be told. */
export function backendsOfPools(
  pools: readonly (readonly [name: string, backends: readonly BackendStatus[]])[],
): PoolBackendStatus[] {
  const isUnnamed = pools.length === 1 && pools[0]?.[0] === DEFAULT_POOL;
  return pools.flatMap(([pool, backends]) =>
    isUnnamed ? backends : backends.map((backend) => ({ ...backend, pool })),
  );
}
