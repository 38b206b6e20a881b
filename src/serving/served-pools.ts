import { ConfigError } from "../config/problem.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import { refuseUncheckablePools } from "./pool-checks.ts";
import { backendsOfPools, type PoolsStatus } from "./pools-status.ts";
import { type PoolSupport, ServedPool } from "./served-pool.ts";

type PoolConfigs = ReadonlyMap<string, ResolvedPool>;

/** The pools of a balancer by their names, and those that a new config has taken away and that are not done yet. */
export class ServedPools {
  readonly #support: PoolSupport;
  #pools: ReadonlyMap<string, ServedPool>;
  /** Gone from the config, with requests under way. */
  readonly #leaving = new Set<ServedPool>();
  #isWatching = false;

  constructor(configs: PoolConfigs, support: PoolSupport) {
    this.#support = support;
    this.#pools = new Map(
      [...configs].map(([name, config]) => [name, new ServedPool(name, config, support)]),
    );
  }

  get byName(): ReadonlyMap<string, ServedPool> {
    return this.#pools;
  }

  /**
   * Makes these the pools. One that stays keeps its backends with all that is known of them; one that is gone is
   * checked no more, and finishes what it has.
   *
   * @param use Makes whatever stands over them, of the pools as they are then.
   * @throws whatever that throws, or a picker of the user's when it is made, or ConfigError if the transport cannot
   *   check backends as the config says; then nothing has changed.
   */
  reconfigure(configs: PoolConfigs, use: (pools: ReadonlyMap<string, ServedPool>) => void): void {
    refuseUncheckablePools(configs.values(), this.#support.transport);
    const before = this.#pools;
    const changed: [ServedPool, ResolvedPool][] = [];
    const after = new Map<string, ServedPool>();
    try {
      for (const [name, config] of configs) {
        const kept = before.get(name);
        if (kept !== undefined) {
          changed.push([kept, kept.config]);
          kept.reconfigure(config);
        }
        after.set(name, kept ?? new ServedPool(name, config, this.#support));
      }
      use(after);
    } catch (error) {
      for (const [pool, config] of changed) pool.reconfigure(config);
      throw error;
    }
    this.#pools = after;
    for (const [name, pool] of before) if (!after.has(name)) this.#leave(pool);
    for (const pool of this.#leaving) if (pool.underWay === 0) this.#leaving.delete(pool);
    if (!this.#isWatching) return;
    for (const [name, pool] of after) if (!before.has(name)) pool.watch();
  }

  /** Begins the checks of all backends. */
  watch(): void {
    this.#isWatching = true;
    for (const pool of this.#pools.values()) pool.watch();
  }

  /** Ends the checks. */
  unwatch(): void {
    this.#isWatching = false;
    for (const pool of this.#pools.values()) pool.unwatch();
  }

  /**
   * One of the pools; without a name the only one.
   *
   * @throws ConfigError if there is no such pool, or several and none is named.
   */
  named(name: string | undefined): ServedPool {
    const names = [...this.#pools.keys()];
    const pool = name === undefined && names.length > 1 ? undefined : this.#pools.get(name ?? names[0] ?? "");
    if (pool !== undefined) return pool;
    const found = name === undefined ? "no name" : `the unknown pool "${name}"`;
    throw new ConfigError(`pool: found ${found}, expected ${names.join(", ")}`);
  }

  /** Requests that are not done: on a backend, between two tries, or waiting for room. */
  get underWay(): number {
    let sum = 0;
    for (const pool of this.#pools.values()) sum += pool.underWay;
    for (const pool of this.#leaving) sum += pool.underWay;
    return sum;
  }

  /** How they are doing now. */
  status(): PoolsStatus {
    const pools = [...this.#pools.values()];
    const served = [...pools, ...this.#leaving].map(({ balancer }) => balancer);
    return {
      backends: backendsOfPools(pools.map(({ name, balancer }) => [name, balancer.status()])),
      panic: pools.some(({ balancer }) => balancer.isPanicking),
      inFlight: served.reduce((sum, { inFlight }) => sum + inFlight, 0),
      waiting: served.reduce((sum, { waiting }) => sum + (waiting?.size ?? 0), 0),
    };
  }

  #leave(pool: ServedPool): void {
    pool.unwatch();
    if (pool.underWay > 0) this.#leaving.add(pool);
  }
}
