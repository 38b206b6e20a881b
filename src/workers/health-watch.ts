import type { ResolvedPool } from "../config/resolved.ts";
import { refuseUncheckablePools } from "../serving/pool-checks.ts";
import { backendsOfPools, type PoolBackendStatus } from "../serving/pools-status.ts";
import type { Found } from "./messages.ts";
import { WatchedPool, type WatchSupport } from "./watched-pool.ts";

/** The one who knows how the backends of all pools are, for all workers. */
export class HealthWatch {
  readonly #support: WatchSupport;
  #pools: ReadonlyMap<string, WatchedPool>;
  #isStarted = false;

  /** @throws ConfigError if the transport cannot check backends as the config says. */
  constructor(pools: ReadonlyMap<string, ResolvedPool>, support: WatchSupport) {
    this.#support = support;
    this.#pools = new Map([...pools].map(([name, config]) => [name, new WatchedPool(name, config, support)]));
  }

  /**
   * Makes these the pools. What is known of backends that stay is kept.
   *
   * @throws ConfigError if the transport cannot check backends as the config says; then nothing has changed.
   */
  reconfigure(pools: ReadonlyMap<string, ResolvedPool>): void {
    refuseUncheckablePools(pools.values(), this.#support.transport);
    const before = this.#pools;
    this.#pools = new Map(
      [...pools].map(([name, config]) => {
        const pool = before.get(name) ?? new WatchedPool(name, config, this.#support);
        pool.reconfigure(config);
        return [name, pool];
      }),
    );
    for (const [name, pool] of before) if (!this.#pools.has(name)) pool.stop();
    if (!this.#isStarted) return;
    for (const [name, pool] of this.#pools) if (!before.has(name)) pool.start();
  }

  /** Begins the checks. */
  start(): void {
    this.#isStarted = true;
    for (const pool of this.#pools.values()) pool.start();
  }

  /** Ends them. */
  stop(): void {
    this.#isStarted = false;
    for (const pool of this.#pools.values()) pool.stop();
  }

  /** A worker's traffic could not connect to the backend. */
  unreachable(pool: string, origin: string, reason: string): void {
    this.#pools.get(pool)?.unreachable(origin, reason);
  }

  /** A worker's traffic has ejected the backend: it is to be told of the next good check. */
  ejected(pool: string, origin: string): void {
    this.#pools.get(pool)?.ejected(origin);
  }

  /** All that is known, for a worker that begins. */
  get found(): readonly Found[] {
    return [...this.#pools.values()].flatMap(({ found }) => found);
  }

  /** Whether the checks leave a pool so few that all get traffic. */
  get isPanicking(): boolean {
    return [...this.#pools.values()].some(({ isPanicking }) => isPanicking);
  }

  /** The backends in the order given, with counters at zero, as `ServedPools.status` has them. */
  status(): PoolBackendStatus[] {
    return backendsOfPools([...this.#pools].map(([name, pool]) => [name, pool.status()]));
  }
}
