import { clientOf } from "./adapters/client-of.ts";
import { resolveConfig } from "./config/config.ts";
import type { ResolvedConfig } from "./config/resolved-config.ts";
import type { BackendConfig } from "./config/types/backends.ts";
import type { LoadBalancerConfig } from "./config/types/config.ts";
import type { State } from "./core/backend.ts";
import type { Clock } from "./core/clock.ts";
import { DeadlineWheel, TICK_MS } from "./core/deadlines.ts";
import type { StateChange } from "./core/health.ts";
import type { PanicChange } from "./core/panic.ts";
import type { Random } from "./core/random.ts";
import { canDispatch, type Relaying } from "./front/relay-service.ts";
import { Kept } from "./middleware/kept.ts";
import type { MiddlewareFault } from "./middleware/middleware.ts";
import { answerStatus } from "./proxy/status.ts";
import type { Explanation } from "./serving/explanation.ts";
import type { PoolsStatus } from "./serving/pools-status.ts";
import type { ServedPool } from "./serving/served-pool.ts";
import { ServedPools } from "./serving/served-pools.ts";
import { Site } from "./serving/site.ts";
import { MemoryState } from "./shared-state/memory.ts";
import type { SharedState } from "./shared-state/shared-state.ts";
import { stayAlive, systemClock, systemRandom } from "./system.ts";
import { fetchTransport } from "./transport/fetch.ts";
import type { Transport } from "./transport/transport.ts";

/** What a load balancer stands on. Everything has a default; tests and simulations hand in their own. */
export interface LoadBalancerDeps {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly random?: Random;
  /** How backends are reached. Default: the runtime's `fetch`. */
  readonly transport?: Transport;
  /** Told once of every change of a backend's availability, with its pool's name. Default: nobody. */
  readonly onStateChange?: (change: StateChange, pool: string) => void;
  /**
   * Told once when so few backends of a pool are available that all get traffic, and once when that is over. Default:
   * nobody.
   */
  readonly onPanicChange?: (change: PanicChange, pool: string) => void;
  /** Told of every try that failed, whether or not another one then succeeded. Default: nobody. */
  readonly onTryFailed?: (failure: TryFailure) => void;
  /**
   * Told, once, that a picker of your own threw, or returned something else than a ready backend. Wherever it
   * does, round robin stands in for it. Default: a warning on the console.
   */
  readonly onPickerFault?: (reason: string, pool: string) => void;
  /**
   * Told of every middleware that threw, called `next` twice, or gave something that is no answer: its client got
   * 500. Default: a warning on the console.
   */
  readonly onMiddlewareFault?: MiddlewareFault;
  /** Where rate limits count. Default: in memory, for this balancer alone. */
  readonly shared?: SharedState;
  /** Told, in words for a log, of what goes wrong outside any request. Default: a warning on the console. */
  readonly onWarning?: (reason: string) => void;
  /** Who checks the backends in the balancer's stead; then it runs no checks of its own. Default: nobody. */
  readonly checks?: Checks;
  /** Makes what the status endpoint answers out of the balancer's own status. Default: it is that. */
  readonly overview?: (own: LoadBalancerStatus) => LoadBalancerStatus;
}

/** Someone who checks backends for a balancer. */
export interface Checks {
  /**
   * Begins; called once.
   *
   * @param found To be told how a backend is, by its pool and origin, now and whenever that changes. A balancer takes a
   *   backend out by itself when it cannot connect to it, and then waits to be told that it is up.
   *   `unreachable` is whether nothing can connect to it; default false.
   */
  start(
    found: (pool: string, origin: string, state: State, reason: string, unreachable?: boolean) => void,
  ): void;
}

/** A try that gave no answer. */
export interface TryFailure {
  /** The backend's origin. */
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  /** In words, for a log. */
  readonly reason: string;
}

/** How a balancer is doing. */
export interface LoadBalancerStatus extends PoolsStatus {
  /** True once `drain` was called. */
  readonly draining: boolean;
}

/**
 * A load balancer: a function from Request to Response, and the switch for its health checks.
 *
 * It is also what `Bun.serve` and `export default` take: no idle time-out cuts a quiet answer, and no body
 * is too large.
 */
export interface LoadBalancer {
  /**
   * Answers a request from one of the backends. Never rejects. Needs no `this`.
   *
   * @param client What is known of the client: a `ClientInfo`, or whatever `Bun.serve` and `Deno.serve` give
   *   their handlers as a second argument. If nothing is known, backends are told nothing of the client.
   */
  readonly fetch: (request: Request, client?: unknown) => Promise<Response>;
  /**
   * Which requests `lb/front` relays from bytes to bytes, and with what; by the same decisions. Undefined unless the
   * transport is `http1`.
   */
  readonly relay: Relaying | undefined;
  /** Begins the health checks; the first `fetch` does it too. Calling it again does nothing. */
  start(): void;
  /**
   * Ends the health checks and waits for the requests under way. Others are still answered meanwhile,
   * with `Connection: close`.
   *
   * Not called `stop`: Bun takes a default export that has such a method for a server that runs already.
   *
   * @param graceMs The longest wait, in milliseconds. Default 0.
   */
  drain(graceMs?: number): Promise<void>;
  /** How each backend is doing. */
  status(): LoadBalancerStatus;
  /**
   * Where a request would go if it came now, and why. Nothing is sent and nothing changes: no turn is taken, nothing
   * counted, no check begun. Its body is not looked at.
   *
   * @param client As for `fetch`.
   */
  explain(request: Request, client?: unknown): Explanation;
  /**
   * Makes these the backends of a pool. Those that stay keep their health, counters and exchanges.
   *
   * @param pool Its name. Default: the only one.
   * @throws ConfigError as `createLoadBalancer` does, or if there is no such pool; then nothing has changed.
   */
  setBackends(backends: readonly BackendConfig[], pool?: string): void;
  /**
   * Goes by another config from now on. Backends that stay keep their health, counters, connections and exchanges;
   * those that are gone finish what they have. Requests under way go on by what was when they came.
   *
   * @throws ConfigError as `createLoadBalancer` does; then nothing has changed.
   */
  reconfigure(config: LoadBalancerConfig): void;
  /** For `Bun.serve`: no time-out on a quiet connection. */
  readonly idleTimeout: number;
  /** For `Bun.serve`: no limit on a body. */
  readonly maxRequestBodySize: number;
}

/**
 * Makes a load balancer. It does nothing until it is asked: no socket is opened, no timer set.
 *
 * @throws ConfigError that names what is wrong in the config; all of it.
 */
export function createLoadBalancer(config: LoadBalancerConfig, deps: LoadBalancerDeps = {}): LoadBalancer {
  return new ComposedLoadBalancer(resolveConfig(config), deps);
}

class ComposedLoadBalancer implements LoadBalancer {
  readonly idleTimeout = 0;
  readonly maxRequestBodySize = Number.MAX_SAFE_INTEGER;
  readonly relay: Relaying | undefined;
  readonly #pools: ServedPools;
  readonly #clock: Clock;
  readonly #checks: Checks | undefined;
  readonly #overview: (own: LoadBalancerStatus) => LoadBalancerStatus;
  readonly #makeSite: (config: ResolvedConfig, pools: ReadonlyMap<string, ServedPool>) => Site;
  #site: Site;
  #isStarted = false;
  #isDraining = false;

  constructor(config: ResolvedConfig, deps: LoadBalancerDeps) {
    const { clock = systemClock, random = systemRandom, transport = fetchTransport() } = deps;
    this.#clock = clock;
    this.#checks = deps.checks;
    this.#overview = deps.overview ?? ((own) => own);
    this.#pools = new ServedPools(config.pools, {
      clock,
      random,
      transport,
      wheel: new DeadlineWheel(clock, TICK_MS),
      isCheckedElsewhere: deps.checks !== undefined,
      onStateChange: deps.onStateChange ?? (() => {}),
      onPanicChange: deps.onPanicChange ?? (() => {}),
      onPickerFault: deps.onPickerFault ?? warnOfPicker,
      tryFailed(backend, method, url, reason) {
        deps.onTryFailed?.({ backend: backend.origin, method, url, reason });
      },
    });
    const { onMiddlewareFault = warnOfMiddleware, onWarning: warn = warnOnConsole } = deps;
    const chainDeps = { clock, random, warn, shared: deps.shared ?? new MemoryState(), kept: new Kept() };
    this.#makeSite = (resolved, pools) => new Site(resolved, pools, chainDeps, onMiddlewareFault);
    this.#site = this.#makeSite(config, this.#pools.byName);
    if (canDispatch(transport)) this.relay = this.#relaying();
  }

  readonly fetch = (request: Request, client?: unknown): Promise<Response> => {
    if (!this.#isStarted) this.start();
    const answer = this.#site.asksForStatus(request)
      ? Promise.resolve(answerStatus(request, this.#overview(this.status())))
      : this.#site.answer(request, clientOf(request, client));
    return this.#isDraining ? answer.then(closing) : answer;
  };

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#pools.watch();
    this.#checks?.start((pool, origin, state, reason, unreachable = false) => {
      this.#pools.byName.get(pool)?.found(origin, state, reason, unreachable);
    });
  }

  async drain(graceMs = 0): Promise<void> {
    this.#isStarted = true;
    this.#isDraining = true;
    this.#pools.unwatch();
    const untilMs = this.#clock.nowMs() + graceMs;
    // With the last exchange nothing else would hold a program that waits for this.
    const letGo = stayAlive();
    while (this.#pools.underWay > 0 && this.#clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => this.#clock.after(TICK_MS, resolve));
    }
    letGo();
  }

  status(): LoadBalancerStatus {
    const { backends, ...sums } = this.#pools.status();
    return { backends, draining: this.#isDraining, ...sums };
  }

  explain(request: Request, client?: unknown): Explanation {
    const explanation = this.#site.explain(request, clientOf(request, client));
    if (!this.#isDraining) return explanation;
    return { ...explanation, notes: [...explanation.notes, "The balancer is shutting down."] };
  }

  setBackends(backends: readonly BackendConfig[], pool?: string): void {
    this.#pools.named(pool).setBackends(backends);
  }

  reconfigure(config: LoadBalancerConfig): void {
    const resolved = resolveConfig(config);
    this.#pools.reconfigure(resolved.pools, (pools) => {
      this.#site = this.#makeSite(resolved, pools);
    });
  }

  #relaying(): Relaying {
    const isDraining = () => this.#isDraining;
    return {
      get isDraining() {
        return isDraining();
      },
      serviceFor: (reader, client) => this.#site.serviceFor(reader, client),
    };
  }
}

function warnOfPicker(reason: string, pool: string): void {
  console.warn(`lb: the picker of pool ${pool} failed: ${reason}; round robin stands in for it`);
}

function warnOfMiddleware(route: string, middleware: string, error: unknown): void {
  console.warn(`lb: middleware ${middleware} of route ${route} failed:`, error);
}

function warnOnConsole(reason: string): void {
  console.warn(`lb: ${reason}`);
}

/** Tells the client to use another connection next time. */
function closing(response: Response): Response {
  response.headers.set("connection", "close");
  return response;
}
