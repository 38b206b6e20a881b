import { clientOf } from "./adapters/client-of.ts";
import { resolveConfig, type SolePool, solePool } from "./config/config.ts";
import type { BackendConfig } from "./config/types/backends.ts";
import type { LoadBalancerConfig } from "./config/types/config.ts";
import type { State } from "./core/backend.ts";
import type { BackendStatus } from "./core/backend-status.ts";
import type { Clock } from "./core/clock.ts";
import { DeadlineWheel, TICK_MS } from "./core/deadlines.ts";
import type { StateChange } from "./core/health.ts";
import type { PanicChange } from "./core/panic.ts";
import type { Random } from "./core/random.ts";
import { asksFor } from "./front/own-path.ts";
import type { Relaying, RelayService } from "./front/relay-service.ts";
import type { Forwarder } from "./proxy/forwarder.ts";
import { answerStatus } from "./proxy/status.ts";
import { ServedPool } from "./serving/served-pool.ts";
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
  /** Told once of every change of a backend's availability. Default: nobody. */
  readonly onStateChange?: (change: StateChange) => void;
  /**
   * Told once when so few backends are available that all get traffic, and once when that is over. Default:
   * nobody.
   */
  readonly onPanicChange?: (change: PanicChange) => void;
  /** Told of every try that failed, whether or not another one then succeeded. Default: nobody. */
  readonly onTryFailed?: (failure: TryFailure) => void;
  /**
   * Told, once, that a picker of your own threw, or returned something else than a ready backend. Wherever it
   * does, round robin stands in for it. Default: a warning on the console.
   */
  readonly onPickerFault?: (reason: string) => void;
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
   * @param found To be told how a backend is, by its origin, now and whenever that changes. A balancer takes a
   *   backend out by itself when it cannot connect to it, and then waits to be told that it is up.
   *   `unreachable` is whether nothing can connect to it; default false.
   */
  start(found: (origin: string, state: State, reason: string, unreachable?: boolean) => void): void;
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
export interface LoadBalancerStatus {
  readonly backends: readonly BackendStatus[];
  /** True once `drain` was called. */
  readonly draining: boolean;
  /** True while so few backends are available that all get traffic. */
  readonly panic: boolean;
  /** Exchanges under way on all backends. */
  readonly inFlight: number;
  /** Requests that wait for room at a backend. */
  readonly waiting: number;
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
   * Makes these the backends. Those that stay keep their health, counters and exchanges.
   *
   * @throws ConfigError as `createLoadBalancer` does; then nothing has changed.
   */
  setBackends(backends: readonly BackendConfig[]): void;
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
  return new ComposedLoadBalancer(solePool(resolveConfig(config)), deps);
}

class ComposedLoadBalancer implements LoadBalancer {
  readonly idleTimeout = 0;
  readonly maxRequestBodySize = Number.MAX_SAFE_INTEGER;
  readonly relay: Relaying | undefined;
  readonly #pool: ServedPool;
  #forwarder: Forwarder;
  #service: RelayService | undefined;
  #ownPath: Uint8Array;
  readonly #checks: Checks | undefined;
  readonly #overview: (own: LoadBalancerStatus) => LoadBalancerStatus;
  readonly #clock: Clock;
  #statusPath: string | false;
  #isStarted = false;
  #isDraining = false;

  constructor(config: SolePool, deps: LoadBalancerDeps) {
    const clock = deps.clock ?? systemClock;
    const { statusPath } = config;
    this.#clock = clock;
    this.#statusPath = statusPath;
    this.#checks = deps.checks;
    this.#overview = deps.overview ?? ((own) => own);
    this.#pool = new ServedPool(config, {
      clock,
      random: deps.random ?? systemRandom,
      transport: deps.transport ?? fetchTransport(),
      wheel: new DeadlineWheel(clock, TICK_MS),
      isCheckedElsewhere: deps.checks !== undefined,
      onStateChange: deps.onStateChange ?? (() => {}),
      onPanicChange: deps.onPanicChange ?? (() => {}),
      onPickerFault: deps.onPickerFault ?? warnOfPicker,
      tryFailed(backend, method, url, reason) {
        deps.onTryFailed?.({ backend: backend.origin, method, url, reason });
      },
    });
    this.#forwarder = this.#pool.forwarder(config);
    this.#service = this.#pool.relay(config);
    this.#ownPath = bytesOf(statusPath);
    if (this.#service === undefined) return;
    const isDraining = () => this.#isDraining;
    this.relay = {
      get isDraining() {
        return isDraining();
      },
      serviceFor: (reader) => (asksFor(this.#ownPath, reader) ? undefined : this.#service),
    };
  }

  readonly fetch = (request: Request, client?: unknown): Promise<Response> => {
    if (!this.#isStarted) this.start();
    const isStatus = this.#statusPath !== false && isPath(request.url, this.#statusPath);
    const answer = isStatus
      ? Promise.resolve(answerStatus(request, this.#overview(this.status())))
      : this.#forwarder.forward(request, clientOf(request, client));
    return this.#isDraining ? answer.then(closing) : answer;
  };

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#pool.watch();
    this.#checks?.start((origin, state, reason, unreachable = false) => {
      this.#pool.found(origin, state, reason, unreachable);
    });
  }

  async drain(graceMs = 0): Promise<void> {
    this.#isStarted = true;
    this.#isDraining = true;
    this.#pool.unwatch();
    const untilMs = this.#clock.nowMs() + graceMs;
    // With the last exchange nothing else would hold a program that waits for this.
    const letGo = stayAlive();
    while (this.#pool.underWay > 0 && this.#clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => this.#clock.after(TICK_MS, resolve));
    }
    letGo();
  }

  status(): LoadBalancerStatus {
    const { balancer } = this.#pool;
    return {
      backends: balancer.status(),
      draining: this.#isDraining,
      panic: balancer.isPanicking,
      inFlight: balancer.inFlight,
      waiting: balancer.waiting?.size ?? 0,
    };
  }

  setBackends(backends: readonly BackendConfig[]): void {
    this.#pool.setBackends(backends);
  }

  reconfigure(config: LoadBalancerConfig): void {
    const resolved = solePool(resolveConfig(config));
    this.#pool.reconfigure(resolved);
    this.#forwarder = this.#pool.forwarder(resolved);
    this.#service = this.#pool.relay(resolved);
    this.#statusPath = resolved.statusPath;
    this.#ownPath = bytesOf(resolved.statusPath);
  }
}

function warnOfPicker(reason: string): void {
  console.warn(`lb: the algorithm's picker failed: ${reason}; round robin stands in for it`);
}

function bytesOf(path: string | false): Uint8Array {
  return new TextEncoder().encode(path === false ? "" : path);
}

/** Whether the URL's path is exactly this, without parsing it. */
function isPath(url: string, path: string): boolean {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (!url.startsWith(path, start)) return false;
  const after = url.charCodeAt(start + path.length);
  return Number.isNaN(after) || after === 0x3f || after === 0x23;
}

/** Tells the client to use another connection next time. */
function closing(response: Response): Response {
  response.headers.set("connection", "close");
  return response;
}
