import { type Backend, Exclusion } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import type { SimulatedRequest } from "../../src/simulation/request.ts";
import type { Simulation, SimulationDeps } from "../../src/simulation/simulation.ts";
import { QueueJudge } from "./queue-judge.ts";

/** The retry budget, as the guide promises it: over any so many milliseconds … */
const WINDOW_MS = 10_000;
/** … this share of the requests, or so many, whichever is more. */
const BUDGET_SHARE = 0.2;
const BUDGET_FLOOR = 100;

/** How many times more or less than its share a backend may get that is up. */
const FAIR_WITHIN = 2;
/** A tenth of a latency more, from one request that had to wait, costs a backend most of its share for seconds; but it is not forgotten. */
const FAIR_WITHIN_BY_PEAKS = 50;

/** What keeps all requests from a backend, also in a panic: nobody can connect to it, somebody wants it quiet, or it sheds load. */
const NOT_EVEN_IN_PANIC = [Exclusion.unreachable, Exclusion.draining, Exclusion.open];

/** Something that must never happen has happened. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** What is known of a request that is under way. */
interface Course {
  readonly ordinal: number;
  readonly tried: Backend[];
  /** Whether a server has had it in its hands. */
  wasTaken: boolean;
}

/**
 * Looks over a balancer's shoulder, and throws a `Violation` at the first thing that it must not do. It keeps books of
 * its own, from what the servers of the simulation see and from what the balancer was asked and said.
 */
export class Judge {
  /** From when on first tries are counted, in the clock's milliseconds. */
  countFromMs = Number.POSITIVE_INFINITY;
  /** Whether since then somebody was out or full, by too much load: then weights did not decide alone. */
  wasDisturbed = false;
  /**
   * What backends have been, in the words of the status; `panic`, if somebody was picked in one; and what has become of
   * those who waited.
   */
  readonly met = new Set<string>();
  #balancer: Balancer | undefined;
  #queue: QueueJudge | undefined;
  #retries = 0;
  #maxRetries = 0;
  #algorithm: BalancerConfig["algorithm"] = "round-robin";
  readonly #out = new Set<Backend>();
  readonly #open = new Map<Backend, number>();
  readonly #courses = new Map<SimulatedRequest, Course>();
  readonly #requestsMs: number[] = [];
  readonly #retriesMs: number[] = [];
  /** First tries by origin. */
  readonly #counts = new Map<string, number>();

  /**
   * What a simulation needs to be looked at.
   *
   * @param Kind What balances. Default: `Balancer` itself.
   */
  deps(Kind: typeof Balancer = Balancer): SimulationDeps {
    return {
      onTry: (request, backend, wasTaken) => this.#tried(request, backend, wasTaken),
      makeBalancer: (config, clock, random, onChange) => {
        this.#retries = config.retry.retries;
        this.#maxRetries = config.retry.maxRetries ?? 0;
        this.#algorithm = config.algorithm;
        const balancer = new Kind(config, clock, random, (change) => {
          this.met.add(change.state);
          if (change.available) this.#out.delete(change.backend);
          else this.#out.add(change.backend);
          onChange(change);
        });
        this.#balancer = balancer;
        this.#watch(balancer);
        const { queue } = config;
        if (queue)
          this.#queue = new QueueJudge(balancer, queue, this.met, (...args) => this.#expect(...args));
        return balancer;
      },
    };
  }

  #watch(balancer: Balancer): void {
    const { admit, pick, begin, end, mayRetry } = balancer;
    balancer.admit = () => {
      const nowMs = admit.call(balancer);
      this.#requestsMs.push(nowMs);
      return nowMs;
    };
    balancer.pick = (...args) => {
      const backend = pick.apply(balancer, args);
      if (backend !== undefined) this.#picked(backend, balancer, args[2]);
      if (backend !== undefined) this.#queue?.picked();
      return backend;
    };
    balancer.begin = (...args) => {
      begin.apply(balancer, args);
      const [backend] = args;
      this.#open.set(backend, this.#openAt(backend) + 1);
    };
    balancer.end = (...args) => {
      const [backend] = args;
      this.#open.set(backend, this.#openAt(backend) - 1);
      this.#expect(this.#openAt(backend) >= 0, () => `${backend.id}: more exchanges ended than began`);
      end.apply(balancer, args);
    };
    balancer.mayRetry = (...args) => {
      const may = mayRetry.apply(balancer, args);
      if (may) this.#retried(balancer.nowMs());
      return may;
    };
  }

  #tried(request: SimulatedRequest, backend: Backend, wasTaken: boolean): void {
    const course = this.#courseOf(request);
    const { tried } = course;
    this.#expect(tried.length <= this.#retries, () => `${tried.length} retries, not ${this.#retries}`);
    this.#expect(
      request.isIdempotent || !course.wasTaken,
      () => "a POST was sent again after a server had it",
    );
    const untried = this.#balancer?.pool.ready.find((ready) => !tried.includes(ready) && !ready.isFull);
    this.#expect(
      !tried.includes(backend) || untried === undefined,
      () => `${backend.id} was tried again, and ${untried?.id} not yet`,
    );
    tried.push(backend);
    course.wasTaken ||= wasTaken;
    if (tried.length === 1 && request.arrivedMs >= this.countFromMs) {
      this.#counts.set(backend.id, (this.#counts.get(backend.id) ?? 0) + 1);
    }
  }

  /** Looks at the books between two events: what began and did not end is what servers still work on. */
  look(simulation: Simulation): void {
    this.#queue?.look();
    const openAtServers = new Map(simulation.servers.map((server) => [server, 0]));
    let all = 0;
    for (const [backend, open] of this.#open) {
      this.#expect(
        backend.inFlight === open,
        () => `${backend.id}: ${backend.inFlight} in flight, not ${open}`,
      );
      const server = simulation.serverOf(backend);
      openAtServers.set(server, (openAtServers.get(server) ?? 0) + open);
      all += open;
      // One that left the pool and has ended everything is of no interest any more.
      if (open === 0) this.#open.delete(backend);
    }
    for (const [{ callers, number }, open] of openAtServers) {
      this.#expect(
        callers === open,
        () => `server ${number}: ${open} exchanges are open, ${callers} waited for`,
      );
    }
    const { underWay } = simulation.balancer.retries;
    const isWithin = underWay >= 0 && (this.#maxRetries === 0 || underWay <= this.#maxRetries);
    this.#expect(isWithin, () => `${underWay} retries under way, where ${this.#maxRetries} may be`);
    if (underWay === this.#maxRetries && underWay > 0) this.met.add("most retries");
    const { inFlight } = simulation.balancer;
    this.#expect(inFlight === all, () => `${inFlight} in flight over all, not ${all}`);
  }

  /** Whether everybody who is up got about as much as its weight says, since `countFromMs`, if nothing disturbed it. */
  expectFairness(): void {
    if (this.wasDisturbed) return;
    const { ready } = this.#balancer?.pool ?? { ready: [] };
    if (this.#algorithm === "first") {
      const origins = [...this.#counts.keys()];
      this.#expect(
        origins.join() === ready[0]?.id,
        () => `${origins} got requests, not ${ready[0]?.id} alone`,
      );
      return;
    }
    const weights = ready.reduce((sum, { weight }) => sum + weight, 0);
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const within = this.#algorithm === "peak-ewma" ? FAIR_WITHIN_BY_PEAKS : FAIR_WITHIN;
    for (const { id, weight } of ready) {
      const fair = (total * weight) / weights;
      const count = this.#counts.get(id) ?? 0;
      this.#expect(
        count > fair / within && count < fair * within,
        () => `${id} got ${count} requests of ${total}, not ${fair}`,
      );
    }
  }

  #picked(backend: Backend, { pool }: Balancer, nowMs: number): void {
    this.#expect(pool.members.includes(backend), () => `${backend.id} was picked, and is no member`);
    const isOut = this.#out.has(backend);
    this.#expect(!isOut || pool.isPanicking, () => `${backend.id} was picked, and is out`);
    if (isOut) this.met.add("panic");
    const isGivenUp = NOT_EVEN_IN_PANIC.some((reason) => backend.isExcluded(reason));
    this.#expect(!isGivenUp, () => `${backend.id} was picked in a panic, and is ${backend.stateName}`);
    this.#expect(!backend.isFull, () => `${backend.id} was picked, and is full`);
    if (nowMs < this.countFromMs) return;
    this.wasDisturbed ||= pool.members.some(({ available, isFull }) => isFull || !available);
  }

  #retried(nowMs: number): void {
    this.#retriesMs.push(nowMs);
    for (const moments of [this.#requestsMs, this.#retriesMs]) {
      while ((moments[0] ?? nowMs) <= nowMs - WINDOW_MS) moments.shift();
    }
    const allowed = Math.max(BUDGET_FLOOR, BUDGET_SHARE * this.#requestsMs.length);
    const { length } = this.#retriesMs;
    this.#expect(length <= allowed, () => `${length} retries in ten seconds, where ${allowed} are allowed`);
  }

  #courseOf(request: SimulatedRequest): Course {
    const course = this.#courses.get(request);
    if (course?.ordinal === request.ordinal) return course;
    const begun = { ordinal: request.ordinal, tried: [], wasTaken: false };
    this.#courses.set(request, begun);
    return begun;
  }

  #openAt(backend: Backend): number {
    return this.#open.get(backend) ?? 0;
  }

  #expect(isSo: boolean, what: () => string): void {
    if (!isSo) throw new Violation(what());
  }
}
