import { ownProbes } from "../config/backends.ts";
import type { ProbeRules, ResolvedHealthCheck, ResolvedPool } from "../config/resolved.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import { refuseUncheckable } from "../proxy/probe-target.ts";
import { type CheckResults, Prober } from "../proxy/prober.ts";
import type { Transport } from "../transport/transport.ts";
import { isSame } from "./same.ts";

/** What a pool's backends are checked with. */
export interface CheckSupport {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether somebody else checks them: then no checks are made here. Default false. */
  readonly isCheckedElsewhere?: boolean;
}

/** The rules of the checks of single backends, by their origins. */
type OwnProbes = ReadonlyMap<string, ProbeRules>;

/**
 * Makes sure, before anything is changed, that the backends of all pools can be checked as they are to be.
 *
 * @throws ConfigError that names the first that cannot.
 */
export function refuseUncheckablePools(pools: Iterable<ResolvedPool>, transport: Transport): void {
  for (const { healthCheck, backends } of pools) {
    refuseUncheckable(transport, healthCheck, ownProbes(backends));
  }
}

/** The checks of a pool's backends, which follow its config and its members; not made before they are begun. */
export class PoolChecks {
  readonly #balancer: Balancer;
  readonly #support: CheckSupport;
  readonly #results: CheckResults;
  #healthCheck: ResolvedHealthCheck | false;
  #own: OwnProbes;
  #prober: Prober | undefined;
  #isOn = false;

  /**
   * @param balancer Whose backends they are.
   * @param results Who is told what they have found. Default: the balancer's health.
   * @throws ConfigError if the transport cannot check backends as the config says.
   */
  constructor(
    config: ResolvedPool,
    support: CheckSupport,
    balancer: Balancer,
    results: CheckResults = balancer.health,
  ) {
    this.#balancer = balancer;
    this.#support = support;
    this.#results = results;
    this.#healthCheck = config.healthCheck;
    this.#own = this.#ownOf(config, new Map());
    this.#prober = this.#proberOf(config);
  }

  /**
   * Looks whether they can go by another config.
   *
   * @returns Has them go by it: to be called when the balancer has its backends.
   * @throws ConfigError if the transport cannot check backends as it says; then nothing has changed.
   */
  prepare(config: ResolvedPool): () => void {
    const own = this.#ownOf(config, this.#own);
    return () => {
      this.#own = own;
      if (!isSame(this.#healthCheck, config.healthCheck)) {
        this.#healthCheck = config.healthCheck;
        this.#prober?.watch([]);
        this.#prober = this.#proberOf(config);
      }
      if (this.#isOn) this.begin();
    };
  }

  /** Begins them. */
  begin(): void {
    this.#isOn = true;
    this.#prober?.watch(this.#balancer.pool.members, this.#own);
  }

  /** Ends them. */
  end(): void {
    this.#isOn = false;
    this.#prober?.watch([]);
  }

  /** Looks at a backend soon, since live traffic met trouble there. */
  hasten(backend: Backend): void {
    this.#prober?.hasten(backend);
  }

  /** The rules that differ; the same objects as before where they say the same, so that these checks just go on. */
  #ownOf({ healthCheck, backends }: ResolvedPool, before: OwnProbes): OwnProbes {
    const own = ownProbes(backends);
    refuseUncheckable(this.#support.transport, healthCheck, own);
    const kept = new Map<string, ProbeRules>();
    for (const [origin, rules] of own) {
      const known = before.get(origin);
      kept.set(origin, known !== undefined && isSame(known, rules) ? known : rules);
    }
    return kept;
  }

  #proberOf({ healthCheck }: ResolvedPool): Prober | undefined {
    const { transport, clock, random, isCheckedElsewhere = false } = this.#support;
    if (healthCheck === false || isCheckedElsewhere) return undefined;
    return new Prober(healthCheck, transport, this.#results, clock, random);
  }
}
