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
