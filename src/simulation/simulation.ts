import type { AttemptRules } from "../core/attempts.ts";
import type { Backend, BackendSpec } from "../core/backend.ts";
import { Balancer } from "../core/balancer.ts";
import type { BalancerConfig } from "../core/balancer-config.ts";
import { DeadlineWheel, TICK_MS } from "../core/deadlines.ts";
import type { StateChange } from "../core/health.ts";
import type { Random } from "../core/random.ts";
import { happens, streamOf } from "./chance.ts";
import { type Distribution, distribution, Exponential } from "./distribution.ts";
import { Jobs } from "./jobs.ts";
import { Measurements } from "./measurements.ts";
import { CHECK, ModelledChecks } from "./modelled-checks.ts";
import { JOB_DONE, ModelledServer } from "./modelled-server.ts";
import { CLIENT_LEAVES, SimulatedRequest, type Surroundings } from "./request.ts";
import type { Scenario } from "./scenario.ts";
import { CRASH, RESTART, Troubles } from "./troubles.ts";
import { NOTHING, VirtualTime } from "./virtual-time.ts";

/** The kind of event that is a request's arrival. */
const ARRIVAL = 6;
/** The kind of event that is the end of the arrivals. */
const END = 7;

/** Where time begins; not at zero, where mistakes with unset moments would not show. */
const START_MS = 1_000_000;

/** How many requests are under way at most, unless it is said otherwise. */
const MOST_UNDER_WAY = 1_000_000;

/** Everything that a balancer decides by: what a user can change. */
export interface Policy {
  /** Everything that the balancer's decisions depend on, the backends among it. */
  readonly balancer: BalancerConfig;
  /** How long a request may take. */
  readonly attempts: AttemptRules;
  /** From one active check to the next, in milliseconds; undefined for none. */
  readonly checkIntervalMs: number | undefined;
}

/** What each server was given to do, in the order of the servers. */
export interface Load {
  /** Requests sent to it. */
  readonly requests: readonly number[];
  /** Requests under way there, on average over time. */
  readonly meanInFlight: readonly number[];
}

/** For those who look more closely. */
export interface SimulationDeps {
  /** What balances. Default: a `Balancer`. */
  readonly makeBalancer?: (...args: ConstructorParameters<typeof Balancer>) => Balancer;
  /** Told of each try, once it has met its server. Default: nobody. */
  readonly onTry?: Surroundings["tried"];
  /** How urgent each request is, by how many arrived before it. Default: as the policy says. */
  readonly priorityOf?: (ordinal: number) => number;
  /** How many requests are under way at most; those beyond are turned away. Default a million. */
  readonly mostUnderWay?: number;
}

/**
 * One run: the balancer of production between clients and servers that exist only as numbers, on a clock that skips
 * from one event to the next. It depends on its policy and its scenario, and on nothing else.
 */
export class Simulation implements Surroundings {
  /** The clock, and everything that is to come. */
  readonly time: VirtualTime;
  /** The balancer that is put through it. */
  readonly balancer: Balancer;
  /** The requests'. */
  readonly wheel: DeadlineWheel;
  /** The requests'. */
  readonly rules: AttemptRules;
  /** What clients have met so far. */
  readonly measurements = new Measurements();
  /** In the order in which the policy names their backends. */
  readonly servers: readonly ModelledServer[];
  /** The requests'. */
  readonly tried: Surroundings["tried"];
  /** What each server was given to do while clients came; nothing before that is over. */
  load: Load = { requests: [], meanInFlight: [] };
  readonly #scenario: Scenario;
  readonly #serverByOrigin: ReadonlyMap<string, ModelledServer>;
  readonly #jobs = new Jobs();
  readonly #checks: ModelledChecks | undefined;
  readonly #troubles: Troubles;
  readonly #clients: Random;
  readonly #gap: Distribution;
  readonly #work: Distribution;
  /** Of each client; empty if the balancer asks for none. */
  readonly #keys: readonly string[];
  readonly #mostUnderWay: number;
  readonly #priorityOf: ((ordinal: number) => number) | undefined;
  readonly #requests: SimulatedRequest[] = [];
  readonly #free: SimulatedRequest[] = [];
  readonly #out = new WeakSet<Backend>();
  #arrived = 0;
  #isArriving = true;

  constructor(policy: Policy, scenario: Scenario, deps: SimulationDeps = {}) {
    const { seed, concurrency, distribution: spread, requestsPerSecond, serviceMs } = scenario;
    const { backends } = policy.balancer;
    const makeBalancer = deps.makeBalancer ?? ((...args) => new Balancer(...args));
    this.#scenario = scenario;
    this.#mostUnderWay = deps.mostUnderWay ?? MOST_UNDER_WAY;
    this.#priorityOf = deps.priorityOf;
    // A request has its job's end and its client's leaving before it; a job that nobody waits for has its end.
    const mostEvents = 2 * this.#mostUnderWay + backends.length * (concurrency + 8) + 8;
    const time = new VirtualTime(START_MS, mostEvents);
    this.time = time;
    this.rules = policy.attempts;
    this.tried = deps.onTry ?? (() => {});
    this.wheel = new DeadlineWheel(time, TICK_MS);
    const faults = streamOf(seed, "faults");
    this.servers = backends.map(
      (_, number) => new ModelledServer(number, concurrency, time, this.#jobs, faults),
    );
    this.#serverByOrigin = new Map(
      backends.map(({ origin }, number) => [origin, this.servers[number] as ModelledServer]),
    );
    this.balancer = makeBalancer(policy.balancer, time, streamOf(seed, "picks"), (change) =>
      this.#changed(change),
    );
    this.#troubles = new Troubles(scenario, this.servers, time);
    const { checkIntervalMs } = policy;
    if (checkIntervalMs !== undefined) {
      const checks = streamOf(seed, "checks");
      this.#checks = new ModelledChecks(checkIntervalMs, this.balancer.health, time, checks);
      this.#checks.watch(this.balancer.pool.members, (backend) => this.serverOf(backend));
    }
    this.#clients = streamOf(seed, "clients");
    const keys = this.balancer.keySource === undefined ? 0 : scenario.clients;
    this.#keys = Array.from({ length: keys }, (_, client) => `client ${client}`);
    this.#gap = new Exponential(1000 / requestsPerSecond, this.#clients);
    this.#work = distribution(spread, serviceMs, this.#clients);
    time.schedule(scenario.durationMs, END, 0);
    time.schedule(this.#gap.nextMs(), ARRIVAL, 0);
  }

  /** Requests that have arrived so far, those turned away among them. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Requests that have arrived and not been answered. */
  get underWay(): number {
    return this.#requests.length - this.#free.length;
  }

  /** How far it is, from 0 to 1. */
  get progress(): number {
    return Math.min(1, (this.time.nowMs() - START_MS) / this.#scenario.durationMs);
  }

  /** The server behind a backend that the policy names. */
  serverOf(backend: Backend): ModelledServer {
    return this.#serverByOrigin.get(backend.id) as ModelledServer;
  }

  /** Changes the balancer's membership, as a reload would: some of the backends that the policy names. */
  setBackends(specs: readonly BackendSpec[]): void {
    this.balancer.setBackends(specs);
    this.#checks?.watch(this.balancer.pool.members, (backend) => this.serverOf(backend));
  }

  /** Changes all that the balancer goes by, as a reload would: the backends are some of those that the policy names. */
  reconfigure(config: BalancerConfig): void {
    this.balancer.reconfigure(config);
    this.#checks?.watch(this.balancer.pool.members, (backend) => this.serverOf(backend));
  }

  /**
   * Lets the next thing happen.
   *
   * @returns False if the run is over: nobody comes any more, and everybody has been answered.
   */
  step(): boolean {
    if (!this.#isArriving && this.underWay === 0) return false;
    const { time } = this;
    const kind = time.next();
    switch (kind) {
      case ARRIVAL:
        this.#arrive();
        break;
      case JOB_DONE: {
        const job = this.#jobs.at(time.subject);
        job.server?.finish(job);
        break;
      }
      case CLIENT_LEAVES:
        this.#requests[time.subject]?.leave();
        break;
      case CHECK:
        this.#checks?.check(time.subject);
        break;
      case CRASH:
        this.#troubles.crash(time.subject);
        break;
      case RESTART:
        this.#troubles.restart(time.subject);
        break;
      case END:
        this.#end();
        break;
      case NOTHING:
        throw new Error(
          `${this.underWay} requests are under way, and nothing is to come that could end them`,
        );
    }
    return true;
  }

  /** The request's call. */
  over(request: SimulatedRequest): void {
    this.#free.push(request);
  }

  #arrive(): void {
    if (!this.#isArriving) return;
    const { clients, postShare, patienceMs } = this.#scenario;
    // Drawn for everybody, also for those turned away, so that all algorithms meet the same clients.
    const workMs = this.#work.nextMs();
    const isIdempotent = !happens(this.#clients, postShare);
    const client = this.#clients.below(clients);
    this.time.schedule(this.#gap.nextMs(), ARRIVAL, 0);
    const ordinal = this.#arrived;
    this.#arrived += 1;
    const request = this.#free.pop() ?? this.#another();
    if (request === undefined) {
      this.measurements.turnAway();
      return;
    }
    request.ordinal = ordinal;
    request.workMs = workMs;
    request.isIdempotent = isIdempotent;
    request.key = this.#keys[client] ?? "";
    request.priority = this.#priorityOf?.(ordinal);
    request.arrive(patienceMs);
  }

  #another(): SimulatedRequest | undefined {
    if (this.#requests.length === this.#mostUnderWay) return undefined;
    const request = new SimulatedRequest(this.#requests.length, this);
    this.#requests.push(request);
    return request;
  }

  /** What comes after the last arrival is not part of the load: the requests under way run out. */
  #end(): void {
    const nowMs = this.time.nowMs();
    this.#isArriving = false;
    this.load = {
      requests: this.servers.map(({ load }) => load.requests),
      meanInFlight: this.servers.map(({ load }) => load.meanInFlight(START_MS, nowMs)),
    };
  }

  #changed(change: StateChange): void {
    const { backend, available, byTraffic, state } = change;
    if (byTraffic && state === "down") this.#checks?.hasten(backend);
    // What is out may find another reason to be so.
    if (available) this.#out.delete(backend);
    else if (!this.#out.has(backend)) {
      this.#out.add(backend);
      this.measurements.ejections += 1;
    }
  }
}
