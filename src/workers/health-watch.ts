import { ownProbes } from "../config/backends.ts";
import type { ResolvedConfig } from "../config/config.ts";
import type { ProbeRules } from "../config/health-check.ts";
import { Exclusion, State } from "../core/backend.ts";
import type { BackendStatus } from "../core/backend-status.ts";
import { Balancer } from "../core/balancer.ts";
import type { Clock } from "../core/clock.ts";
import type { StateChange } from "../core/health.ts";
import type { PanicChange } from "../core/panic.ts";
import type { Random } from "../core/random.ts";
import { refuseUncheckable } from "../proxy/probe-target.ts";
import { Prober } from "../proxy/prober.ts";
import type { Transport } from "../transport/transport.ts";
import type { Found } from "./messages.ts";

/**
 * The one who knows how the backends are, for all workers: the same rules and the same checks as in a single
 * process, on backends that get no traffic here. What the workers' traffic finds is handed in.
 */
export class HealthWatch {
  readonly #balancer: Balancer;
  readonly #prober: Prober | undefined;
  readonly #ownProbes: ReadonlyMap<string, ProbeRules>;
  /** The last that was found of each backend, by origin; nothing of those never heard of. */
  readonly #found = new Map<string, Found>();

  /**
   * @param onChange Told once of each change, with what the workers are to be told.
   * @param onPanic Told once when the checks leave so few that all get traffic, and when that is over.
   * @throws ConfigError if the transport cannot check backends as the config says.
   */
  constructor(
    config: ResolvedConfig,
    transport: Transport,
    clock: Clock,
    random: Random,
    onChange: (change: StateChange, found: Found) => void,
    onPanic: (change: PanicChange) => void,
  ) {
    const { healthCheck } = config;
    const health = { rise: 1, fall: 1, ...healthCheck, checked: healthCheck !== false };
    const onFound = (change: StateChange) => {
      const { backend, reason } = change;
      if (change.byTraffic && change.state === "down") this.#prober?.hasten(backend);
      // Where nobody checks, it is the workers that have to be told when to take it back.
      const unreachable = backend.isExcluded(Exclusion.unreachable);
      const state = unreachable ? State.down : backend.state;
      const found = { origin: backend.origin, state, unreachable, reason };
      this.#found.set(backend.origin, found);
      onChange(change, found);
    };
    this.#ownProbes = ownProbes(config.backends);
    refuseUncheckable(transport, healthCheck, this.#ownProbes);
    // Nothing is picked here, and the others would prepare for it.
    const balancerConfig = { ...config, algorithm: "first" as const, health, retry: config };
    this.#balancer = new Balancer(balancerConfig, clock, random, onFound, { onPanic });
    if (healthCheck !== false) {
      this.#prober = new Prober(healthCheck, transport, this.#balancer.health, clock, random);
    }
  }

  /** Begins the checks. */
  start(): void {
    this.#prober?.watch(this.#balancer.pool.members, this.#ownProbes);
  }

  /** Ends them. */
  stop(): void {
    this.#prober?.watch([]);
  }

  /** A worker's traffic could not connect to the backend. */
  unreachable(origin: string, reason: string): void {
    const backend = this.#balancer.pool.members.find((member) => member.origin === origin);
    if (backend !== undefined) this.#balancer.health.unreachable(backend, reason);
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
}
