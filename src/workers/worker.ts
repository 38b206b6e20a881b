import type { Listener } from "../adapters/adapter.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { Backend } from "../core/backend.ts";
import type { Clock } from "../core/clock.ts";
import type { StateChange } from "../core/health.ts";
import type { FrontService } from "../front/front.ts";
import { toldOf } from "../front/relay-service.ts";
import {
  createLoadBalancer,
  type LoadBalancer,
  type LoadBalancerDeps,
  type LoadBalancerStatus,
} from "../load-balancer.ts";
import type { Transport } from "../transport/transport.ts";
import type { Found, FromWorker, Line, ToWorker } from "./messages.ts";
import { Pace } from "./pace.ts";
import { spreadAgain, steerAway } from "./steering.ts";

/** Who is told of what goes wrong in functions of the user's, and outside any request. */
export type FaultDeps = Required<Pick<LoadBalancerDeps, "onPickerFault" | "onMiddlewareFault" | "onWarning">>;

/** What a worker needs. */
export interface WorkerOptions {
  /** Its number, from 0. */
  readonly slot: number;
  readonly config: LoadBalancerConfig;
  /**
   * Reads the config again.
   *
   * @throws Error with a sentence for the user.
   */
  reload(): Promise<LoadBalancerConfig>;
  /** The longest wait for what is under way if the supervisor is gone, in milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly onTryFailed: NonNullable<LoadBalancerDeps["onTryFailed"]>;
  readonly faults: FaultDeps;
  /** Told of what this worker's traffic alone decides: ejections, circuits, and their ends. */
  readonly onStateChange: (change: StateChange, pool: string) => void;
  /**
   * Listens on ports that others listen on too: on all, or on none.
   *
   * @param onRefusing Told when no listener takes connections any more, since all are closing.
   * @throws Error with a sentence for the user.
   */
  listen(
    service: FrontService,
    ports: readonly number[],
    onRefusing: () => void,
  ): Promise<readonly Listener[]>;
  /** Drains the balancer and closes the listeners; resolves to the exchanges that were cut. */
  close(balancer: LoadBalancer, listeners: readonly Listener[], graceMs: number): Promise<number>;
}

/** The wait before telling of changed counters after a quiet time, and the least time between, in milliseconds. */
const COUNTERS_SOON_MS = 20;
const COUNTERS_LEAST_MS = 250;

/**
 * How long a worker that is replaced goes on as before but for `Connection: close`, in milliseconds, so that
 * clients which keep connections open learn of it with an answer, and none sends a request into a closed one.
 */
const LINGER_MS = 1_000;

/** Does a worker's work until the supervisor says that it is over, or is gone. */
export function work(line: Line, options: WorkerOptions): Promise<void> {
  const worker = new Worker(line, options);
  line.onMessage((message) => worker.hear(message));
  line.onGone(() => worker.hear({ type: "drain", graceMs: options.graceMs, isShutdown: true }));
  line.send({ type: "ready" });
  return worker.ended;
}

/** A balancer that is told how backends are, and tells what it meets. */
class Worker {
  readonly #line: Line;
  readonly #options: WorkerOptions;
  readonly #balancer: LoadBalancer;
  readonly #countersPace: Pace;
  readonly #ended = Promise.withResolvers<void>();
  #tell: Parameters<NonNullable<LoadBalancerDeps["checks"]>["start"]>[0] = () => {};
  #listeners: readonly Listener[] = [];
  #total: LoadBalancerStatus | undefined;
  #lastCounters = "";
  /** What this worker's traffic has taken out by itself. */
  readonly #ejected = new WeakSet<Backend>();
  /** The last reload that was asked for. */
  #lastReload = -1;
  #isDraining = false;
  #isShuttingDown = false;

  constructor(line: Line, options: WorkerOptions) {
    const { clock, config, slot, transport, onTryFailed, faults } = options;
    this.#line = line;
    this.#options = options;
    this.#countersPace = new Pace(clock, COUNTERS_SOON_MS, COUNTERS_LEAST_MS, () => this.#count());
    const deps: LoadBalancerDeps = {
      clock,
      transport,
      onTryFailed,
      ...faults,
      checks: {
        start: (tell) => {
          this.#tell = tell;
        },
      },
      overview: (own) => ({ ...(this.#total ?? own), draining: this.#isShuttingDown }),
      onStateChange: (change, pool) => this.#changed(change, pool),
    };
    this.#balancer = createLoadBalancer(forSlot(slot, config), deps);
    this.#balancer.start();
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  hear(message: ToWorker): void {
    switch (message.type) {
      case "listen":
        void this.#listen(message);
        return;
      case "found":
        this.#found(message.found);
        return;
      case "status":
        this.#total = message.status;
        return;
      case "drain":
        void this.#drain(message);
        return;
      case "reload":
        void this.#reload(message.id);
        return;
      case "spread":
        for (const listener of this.#listeners) spreadAgain(listener);
    }
  }

  async #listen({ ports, found, status }: Extract<ToWorker, { type: "listen" }>): Promise<void> {
    this.#total = status;
    for (const each of found) this.#found(each);
    const { fetch, relay } = this.#balancer;
    const ask = () => this.#countersPace.ask();
    const service: FrontService = {
      fetch(request, client) {
        ask();
        return fetch(request, client);
      },
      relay: relay === undefined ? undefined : toldOf(relay, ask),
    };
    try {
      this.#listeners = await this.#options.listen(service, ports, () =>
        this.#line.send({ type: "refusing" }),
      );
      this.#line.send({ type: "listening", at: this.#listeners.map(({ url, port }) => ({ url, port })) });
    } catch (error) {
      this.#line.send({ type: "failed", sentence: error instanceof Error ? error.message : String(error) });
      this.#ended.resolve();
    }
  }

  #changed(change: StateChange, pool: string): void {
    const { backend, state, byTraffic, reason } = change;
    const { origin } = backend;
    const isBack = change.available && this.#ejected.delete(backend);
    if (byTraffic && state === "down") {
      this.#line.send({ type: "unreachable", pool, origin, reason });
    } else if (byTraffic || isBack) {
      // The others are told of by whoever checks.
      this.#options.onStateChange(change, pool);
    }
    if (byTraffic && !change.available && state !== "down") {
      this.#ejected.add(backend);
      this.#line.send({ type: "ejected", pool, origin });
    }
  }

  #found({ pool, origin, state, reason, unreachable }: Found): void {
    this.#tell(pool, origin, state, reason, unreachable);
  }

  async #reload(id: number): Promise<void> {
    const { reload, slot } = this.#options;
    this.#lastReload = id;
    try {
      const config = await reload();
      // What takes long to read may be older than what was read after it.
      if (id !== this.#lastReload) throw new Error("it was asked to read the config again meanwhile");
      this.#balancer.reconfigure(forSlot(slot, config));
      this.#line.send({ type: "reloaded", id });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#line.send({ type: "reloaded", id, problem });
    }
  }

  async #drain({ graceMs, isShutdown, place }: Extract<ToWorker, { type: "drain" }>): Promise<void> {
    this.#isShuttingDown ||= isShutdown;
    if (this.#isDraining) return;
    this.#isDraining = true;
    let cut = 0;
    if (this.#listeners.length > 0) {
      if (place !== undefined) for (const listener of this.#listeners) steerAway(listener, place);
      if (!isShutdown) await this.#linger(Math.min(LINGER_MS, graceMs));
      cut = await this.#options.close(this.#balancer, this.#listeners, graceMs);
    }
    this.#count();
    this.#line.send({ type: "drained", cut });
    this.#ended.resolve();
  }

  async #linger(delayMs: number): Promise<void> {
    await this.#balancer.drain(0);
    await new Promise<void>((resolve) => this.#options.clock.after(delayMs, resolve));
  }

  /** Tells of the counters if they have changed, and looks again while they may. */
  #count(): void {
    const status = this.#balancer.status();
    const counters = JSON.stringify(status);
    const isChanged = counters !== this.#lastCounters;
    this.#lastCounters = counters;
    if (isChanged) this.#line.send({ type: "counters", status } satisfies FromWorker);
    if (isChanged || status.inFlight + status.waiting > 0) this.#countersPace.ask();
  }
}

/** A config whose pools begin with another backend for each worker, so that not all send their first request to one. */
function forSlot(slot: number, config: LoadBalancerConfig): LoadBalancerConfig {
  const { pools } = config;
  const turned = turnedFor(slot, config, config.algorithm);
  if (pools === undefined) return turned;
  const names = Object.entries(pools);
  return {
    ...turned,
    pools: Object.fromEntries(
      names.map(([name, pool]) => [name, turnedFor(slot, pool, pool.algorithm ?? config.algorithm)]),
    ),
  };
}

/** For algorithms to which the order of backends is nothing but that. */
function turnedFor<T extends Pick<LoadBalancerConfig, "backends">>(
  slot: number,
  pool: T,
  algorithm: LoadBalancerConfig["algorithm"],
): T {
  const { backends } = pool;
  if (backends === undefined || algorithm === "first") return pool;
  const start = backends.length === 0 ? 0 : slot % backends.length;
  return { ...pool, backends: [...backends.slice(start), ...backends.slice(0, start)] };
}
