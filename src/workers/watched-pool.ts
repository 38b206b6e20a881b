import type { ResolvedPool } from "../config/resolved.ts";
import { type Backend, Exclusion, State } from "../core/backend.ts";
import type { BackendStatus } from "../core/backend-status.ts";
import { Balancer } from "../core/balancer.ts";
import type { BalancerConfig } from "../core/balancer-config.ts";
import type { StateChange } from "../core/health.ts";
import type { PanicChange } from "../core/panic.ts";
import { type CheckSupport, PoolChecks } from "../serving/pool-checks.ts";
import { isSame } from "../serving/same.ts";
import type { Found } from "./messages.ts";

/** What backends are checked with, and who is told. */
export interface WatchSupport extends CheckSupport {
  /** Told once of each change, with what the workers are to be told. */
  readonly onChange: (change: StateChange, found: Found) => void;
  /** Told of the first good check of a backend that a worker has ejected. */
  readonly onPassed: (found: Found) => void;
  /** Told once when the checks leave so few of a pool that all get traffic, and when that is over. */
  readonly onPanic: (change: PanicChange, pool: string) => void;
}

/**
 * What knows how the backends of a pool are, for all workers: the same rules and the same checks as in a single
 * process, on backends that get no traffic here. What the workers' traffic finds is handed in.
 */
export class WatchedPool {
  readonly #name: string;
  readonly #support: WatchSupport;
  readonly #balancer: Balancer;
  #config: ResolvedPool;
  readonly #checks: PoolChecks;
  /** The last that was found of each backend, by origin; nothing of those never heard of. */
  readonly #found = new Map<string, Found>();
  /** Since when workers hold something against backends, in milliseconds, until a check goes well. */
  readonly #ejectedMs = new Map<Backend, number>();

  /** @throws ConfigError if the transport cannot check backends as the config says. */
  constructor(pool: string, config: ResolvedPool, support: WatchSupport) {
    const { clock, random } = support;
    this.#name = pool;
    this.#support = support;
    this.#config = config;
    const onFound = (change: StateChange) => {
      const { backend, reason } = change;
      if (change.byTraffic && change.state === "down") this.#checks.hasten(backend);
      // Where nobody checks, it is the workers that have to be told when to take it back.
      const unreachable = backend.isExcluded(Exclusion.unreachable);
      const state = unreachable ? State.down : backend.state;
      const found = { pool, origin: backend.origin, state, unreachable, reason };
      this.#found.set(backend.origin, found);
      support.onChange(change, found);
    };
    this.#balancer = new Balancer(this.#balancerConfig, clock, random, onFound, {
      onPanic: (change) => support.onPanic(change, pool),
    });
    this.#checks = new PoolChecks(config, support, this.#balancer, {
      checked: (backend, passed, reason, startedMs, reached) => {
        this.#balancer.health.checked(backend, passed, reason, startedMs, reached);
        if (passed) this.#passed(backend, reason, startedMs);
      },
    });
  }

  /**
   * Goes by another config from now on; what is known of the backends that stay is kept.
   *
   * @throws ConfigError if the transport cannot check backends as it says; then nothing has changed.
   */
  reconfigure(config: ResolvedPool): void {
    if (isSame(this.#config, config)) return;
    const follow = this.#checks.prepare(config);
    this.#config = config;
    this.#balancer.reconfigure(this.#balancerConfig);
    const origins = new Set(config.backends.map(({ origin }) => origin));
    for (const origin of this.#found.keys()) if (!origins.has(origin)) this.#found.delete(origin);
    for (const backend of this.#ejectedMs.keys()) {
      if (!origins.has(backend.origin)) this.#ejectedMs.delete(backend);
    }
    follow();
  }

  /** Begins the checks. */
  start(): void {
    this.#checks.begin();
  }

  /** Ends them. */
  stop(): void {
    this.#checks.end();
  }

  /** A worker's traffic could not connect to the backend. */
  unreachable(origin: string, reason: string): void {
    const backend = this.#member(origin);
    if (backend !== undefined) this.#balancer.health.unreachable(backend, reason);
  }

  /** A worker's traffic has ejected the backend: all are to be told of the next good check, as one alone would be. */
  ejected(origin: string): void {
    const backend = this.#member(origin);
    if (backend !== undefined) this.#ejectedMs.set(backend, this.#support.clock.nowMs());
  }

  /** All that is known, for a worker that begins. */
  get found(): readonly Found[] {
    return [...this.#found.values()];
  }

  /** Whether the checks leave so few that all get traffic. */
  get isPanicking(): boolean {
    return this.#balancer.isPanicking;
  }

  /** The backends in the order given, with counters at zero. */
  status(): BackendStatus[] {
    return this.#balancer.status();
  }

  get #balancerConfig(): BalancerConfig {
    const config = this.#config;
    const { healthCheck } = config;
    const health = { rise: 1, fall: 1, ...healthCheck, checked: healthCheck !== false };
    // Nothing is picked here, and the others would prepare for it.
    return { ...config, algorithm: "first", health, retry: config };
  }

  #passed(backend: Backend, reason: string, startedMs: number): void {
    const ejectedMs = this.#ejectedMs.get(backend);
    // One that began before says nothing about what traffic has met since.
    if (ejectedMs === undefined || startedMs < ejectedMs || backend.state !== State.up) return;
    this.#ejectedMs.delete(backend);
    const { origin, state } = backend;
    this.#support.onPassed({ pool: this.#name, origin, state, unreachable: false, reason });
  }

  #member(origin: string): Backend | undefined {
    return this.#balancer.pool.members.find((member) => member.origin === origin);
  }
}
