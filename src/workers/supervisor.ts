import type { ResolvedPool } from "../config/resolved.ts";
import type { Clock } from "../core/clock.ts";
import type { StateChange } from "../core/health.ts";
import type { PanicChange } from "../core/panic.ts";
import type { Random } from "../core/random.ts";
import type { LoadBalancerStatus } from "../load-balancer.ts";
import type { Transport } from "../transport/transport.ts";
import { Backoff } from "./backoff.ts";
import { HealthWatch } from "./health-watch.ts";
import type { ListeningAt, ToWorker } from "./messages.ts";
import { Pace } from "./pace.ts";
import { PortGroup } from "./port-group.ts";
import { Sum } from "./sum.ts";
import { type SpawnWorker, WorkerHandle } from "./worker-handle.ts";

/** Who is told what happens, for a log. Slots count from 0. */
export interface SupervisorEvents {
  stateChange(change: StateChange, pool: string): void;
  panicChange(change: PanicChange, pool: string): void;
  /** A worker ended by itself, or could not be started again; the next try is so many milliseconds away. */
  crashed(slot: number, pid: number, how: string, delayMs: number): void;
  restarted(slot: number, pid: number): void;
}

/** What a supervisor needs. */
export interface SupervisorOptions {
  /** How many workers. At least 1. */
  readonly count: number;
  /** Of each listener; 0 for a free one, the same for all. */
  readonly ports: readonly number[];
  /** By their names. */
  readonly pools: ReadonlyMap<string, ResolvedPool>;
  readonly spawn: SpawnWorker;
  readonly events: SupervisorEvents;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
}

/** The wait before telling all workers of changed sums after a quiet time, and the least time between. */
const STATUS_SOON_MS = 20;
const STATUS_LEAST_MS = 250;

/**
 * Keeps so many workers on one port: starts them, starts again those that end, checks the backends for all of
 * them, and adds up what they count. It takes no connection itself.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #watch: HealthWatch;
  readonly #sum = new Sum();
  readonly #statusPace: Pace;
  readonly #backoffs: readonly Backoff[];
  /** The worker of each slot: the newest one, alive or not. */
  readonly #slots: WorkerHandle[] = [];
  /** All that run, among them those which a roll has replaced and which are finishing. */
  readonly #running = new Set<WorkerHandle>();
  /** One for all ports: each worker opens its sockets together, and closes them together. */
  readonly #group = new PortGroup<WorkerHandle>();
  #ports: readonly number[];
  #isEnding = false;
  /** The end of the last thing done to the group: one socket is opened or closed at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    const { pools, transport, clock, random, events, count } = options;
    this.#options = options;
    this.#clock = clock;
    this.#ports = options.ports;
    this.#backoffs = Array.from({ length: count }, () => new Backoff());
    this.#statusPace = new Pace(clock, STATUS_SOON_MS, STATUS_LEAST_MS, () => {
      this.#tellAll({ type: "status", status: this.status() });
    });
    this.#watch = new HealthWatch(pools, {
      transport,
      clock,
      random,
      onChange: (change, found) => {
        this.#tellAll({ type: "found", found });
        this.#statusPace.ask();
        events.stateChange(change, found.pool);
      },
      onPassed: (found) => this.#tellAll({ type: "found", found }),
      onPanic: (change, pool) => events.panicChange(change, pool),
    });
  }

  /**
   * Starts the workers and waits until all listen.
   *
   * @returns Where they listen, in the order of the ports.
   * @throws ConfigError if one cannot; then none is left running.
   */
  async start(): Promise<readonly ListeningAt[]> {
    for (let slot = 0; slot < this.#options.count; slot++) this.#slots.push(this.#spawn(slot));
    try {
      let at: readonly ListeningAt[] = [];
      for (const worker of this.#slots) at = await this.#listen(worker);
      return at;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Begins the health checks. */
  check(): void {
    this.#watch.start();
  }

  /**
   * Replaces the workers one after another. Each new one listens before the old one stops, and the old one
   * takes no more connections before it closes its socket. Not to be called while another roll goes on.
   *
   * @param graceMs The longest wait for what an old worker has under way, in milliseconds.
   * @returns Whether all were replaced and have ended: false if the supervisor was told to end meanwhile.
   * @throws ConfigError if a new worker cannot listen; the old ones that are left go on.
   */
  async roll(graceMs: number): Promise<boolean> {
    const replaced: WorkerHandle[] = [];
    for (let slot = 0; slot < this.#options.count; slot++) {
      // Nobody would end one that is started after all were told to.
      if (this.#isEnding) return false;
      const fresh = this.#spawn(slot);
      try {
        await this.#listen(fresh);
      } catch (error) {
        fresh.kill();
        if (this.#isEnding) return false;
        throw error;
      }
      if (this.#isEnding) return false;
      const old = this.#slots[slot] as WorkerHandle;
      this.#slots[slot] = fresh;
      replaced.push(old);
      await this.#inTurn(() => this.#retire(old, fresh, graceMs));
    }
    await Promise.all(replaced.map(({ ended }) => ended));
    return !this.#isEnding;
  }

  /**
   * Goes by other pools from now on, and has all workers read the config again. What is known of backends that stay is
   * kept, by the checks and by each worker.
   *
   * @param pools By their names.
   * @returns Why workers go by the config before, a sentence for each that does.
   * @throws ConfigError if the backends cannot be checked as it says; then nothing has changed.
   */
  async reload(pools: ReadonlyMap<string, ResolvedPool>): Promise<readonly string[]> {
    if (this.#isEnding) return [];
    this.#watch.reconfigure(pools);
    // Those that are just starting too: they may have read the config before it was changed.
    const workers = [...this.#running].filter(({ isDraining }) => !isDraining);
    const problems = await Promise.all(
      workers.map(async (worker) => {
        const problem = await worker.reload();
        // Of backends that are new to it it has not heard yet, or too early; it does not wait for the others.
        for (const found of this.#watch.found) if (worker.isTold) worker.send({ type: "found", found });
        return problem === undefined ? [] : [`worker ${worker.slot + 1}: ${problem}`];
      }),
    );
    this.#sum.keep(this.#watch.status());
    this.#statusPace.ask();
    return problems.flat();
  }

  /**
   * Listens elsewhere from now on: to be followed by a roll, since running workers stay where they are.
   *
   * @param ports Of each listener; 0 for a free one, the same for all.
   */
  moveTo(ports: readonly number[]): void {
    this.#ports = ports;
  }

  /**
   * Ends all workers without losing a request, as far as the requests end in time.
   *
   * @param graceMs The longest wait for them, in milliseconds.
   * @returns How many were cut.
   */
  async drain(graceMs: number): Promise<number> {
    this.#isEnding = true;
    this.#watch.stop();
    const workers = [...this.#running];
    for (const worker of workers) void worker.drain({ type: "drain", graceMs, isShutdown: true });
    await Promise.all(workers.map(({ ended }) => ended));
    return workers.reduce((cut, worker) => cut + worker.cut, 0);
  }

  /** Ends all workers at once. Resolves when they have ended. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#watch.stop();
    const workers = [...this.#running];
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ ended }) => ended));
  }

  /** How the backends are, with what all workers count. */
  status(): LoadBalancerStatus {
    const live = [...this.#running].map(({ status }) => status);
    return this.#sum.of(this.#watch.status(), live, this.#isEnding, this.#watch.isPanicking);
  }

  #spawn(slot: number): WorkerHandle {
    const worker = new WorkerHandle(slot, this.#options.spawn, this.#clock, {
      unreachable: (pool, origin, reason) => this.#watch.unreachable(pool, origin, reason),
      ejected: (pool, origin) => this.#watch.ejected(pool, origin),
      counted: () => this.#statusPace.ask(),
      ended: (ended, how) => this.#ended(ended, how),
    });
    this.#running.add(worker);
    return worker;
  }

  #listen(worker: WorkerHandle): Promise<readonly ListeningAt[]> {
    return this.#inTurn(async () => {
      const at = await worker.listen(() => ({
        type: "listen",
        ports: this.#ports,
        found: this.#watch.found,
        status: this.status(),
      }));
      // It may have ended since.
      if (!worker.hasEnded) this.#group.join(worker);
      this.#ports = at.map(({ port }) => port);
      return at;
    });
  }

  async #retire(old: WorkerHandle, fresh: WorkerHandle, graceMs: number): Promise<void> {
    const place = this.#group.placeOf(old);
    await old.drain({
      type: "drain",
      graceMs,
      isShutdown: false,
      ...(place === undefined ? {} : { place }),
    });
    this.#group.leave(old);
    fresh.send({ type: "spread" });
  }

  #ended(worker: WorkerHandle, how: string): void {
    this.#running.delete(worker);
    this.#group.leave(worker);
    this.#sum.retire(worker.status);
    this.#statusPace.ask();
    // One that never listened is the business of whoever waits for it to.
    if (this.#isEnding || worker.isDraining || !worker.hasListened) return;
    this.#restartLater(worker, how, this.#clock.nowMs() - worker.startedMs);
  }

  #restartLater({ slot, pid }: WorkerHandle, how: string, livedMs: number): void {
    const delayMs = (this.#backoffs[slot] as Backoff).ended(livedMs);
    this.#options.events.crashed(slot, pid, how, delayMs);
    this.#clock.after(delayMs, () => void this.#restart(slot));
  }

  async #restart(slot: number): Promise<void> {
    // A roll may have filled the slot meanwhile.
    if (this.#isEnding || this.#slots[slot]?.hasEnded === false) return;
    const worker = this.#spawn(slot);
    this.#slots[slot] = worker;
    try {
      await this.#listen(worker);
      this.#options.events.restarted(slot, worker.pid);
    } catch (error) {
      worker.kill();
      if (this.#isEnding || this.#slots[slot] !== worker) return;
      await worker.ended;
      this.#restartLater(worker, error instanceof Error ? error.message : String(error), 0);
    }
  }

  /** Runs something after what was given before has ended, well or not. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  #tellAll(message: ToWorker): void {
    for (const worker of this.#running) if (worker.isTold) worker.send(message);
  }
}
