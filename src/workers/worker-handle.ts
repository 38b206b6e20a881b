import { ConfigError } from "../config/problem.ts";
import type { Clock } from "../core/clock.ts";
import type { LoadBalancerStatus } from "../load-balancer.ts";
import type { FromWorker, ListeningAt, ToWorker } from "./messages.ts";

/** A process that the system runs for us. */
export interface WorkerProcess {
  readonly pid: number;
  /** Says something to it; does nothing if it has ended. */
  send(message: ToWorker): void;
  /** Ends it at once (SIGKILL). */
  kill(): void;
}

/** Who is told what a worker process does. */
export interface WorkerEars {
  hear(message: FromWorker): void;
  /** Called once, after everything it said. `how` is for a log: `SIGKILL`, or `exit code 1`. */
  ended(how: string): void;
}

/** Starts the process of a worker, of which `slot` is the number, from 0. */
export type SpawnWorker = (slot: number, ears: WorkerEars) => WorkerProcess;

/** What a supervisor wants to know of its workers. */
export interface WorkerNews {
  unreachable(pool: string, origin: string, reason: string): void;
  ejected(pool: string, origin: string): void;
  /** Its counters have changed. */
  counted(): void;
  ended(worker: WorkerHandle, how: string): void;
}

/** The longest that a worker may take from its start until it listens, in milliseconds. */
const START_MS = 30_000;
/** The longest that a worker may take to read the config again, in milliseconds. */
const RELOAD_MS = 30_000;
/** How much longer than it was told a worker may take to end, in milliseconds. */
const OVERDUE_MS = 5_000;

/** What it has said of its own life; each only once. */
type Step = Exclude<FromWorker["type"], "unreachable" | "ejected" | "counters" | "reloaded" | "failed">;

interface Waiting {
  readonly step: Step;
  resolve(message: FromWorker): void;
  reject(error: ConfigError): void;
}

/** One worker process from its start to its end, as the supervisor sees it. */
export class WorkerHandle {
  readonly slot: number;
  readonly startedMs: number;
  /** The last that it told of its counters. */
  status: LoadBalancerStatus = { backends: [], draining: false, panic: false, inFlight: 0, waiting: 0 };
  /** True once it was told to listen, and so has to hear what changes. */
  isTold = false;
  /** True once it was told to end. */
  isDraining = false;
  hasListened = false;
  hasEnded = false;
  /** Exchanges that it cut when it ended. */
  cut = 0;
  readonly #clock: Clock;
  readonly #process: WorkerProcess;
  readonly #news: WorkerNews;
  readonly #steps = new Map<Step, FromWorker>();
  readonly #ended = Promise.withResolvers<void>();
  /** Who waits for its answer to which reload; each is dropped when it is over. */
  readonly #reloads = new Map<number, (problem: string | undefined) => void>();
  #nextReload = 0;
  #waiting: Waiting[] = [];
  #failure: ConfigError | undefined;

  constructor(slot: number, spawn: SpawnWorker, clock: Clock, news: WorkerNews) {
    this.slot = slot;
    this.startedMs = clock.nowMs();
    this.#clock = clock;
    this.#news = news;
    this.#process = spawn(slot, {
      hear: (message) => this.#hear(message),
      ended: (how) => this.#end(how),
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves when the process has ended, however it did. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Waits until it has started, tells it to listen, and waits until it does.
   *
   * @param message Called at the moment of telling, so that what it says is new.
   * @throws ConfigError if it cannot, ends before, or takes longer than 30 s; with one sentence on why.
   */
  async listen(message: () => Extract<ToWorker, { type: "listen" }>): Promise<readonly ListeningAt[]> {
    const cancel = this.#clock.after(START_MS, () => this.kill());
    try {
      await this.#step("ready");
      this.isTold = true;
      this.send(message());
      const { at } = (await this.#step("listening")) as Extract<FromWorker, { type: "listening" }>;
      this.hasListened = true;
      return at;
    } finally {
      cancel();
    }
  }

  /** Tells it to end, and sees to it that it does. Resolves when it takes no more connections. */
  async drain(message: Extract<ToWorker, { type: "drain" }>): Promise<void> {
    const isFirst = !this.isDraining;
    this.isDraining = true;
    // One that has not begun has nothing to finish, and might not even hear it.
    if (!this.#steps.has("ready")) this.kill();
    this.send(message);
    if (isFirst) {
      const cancel = this.#clock.after(message.graceMs + OVERDUE_MS, () => this.kill());
      void this.ended.then(cancel);
    }
    const refusing = this.#step("refusing").then(nothing, nothing);
    await Promise.race([refusing, this.ended]);
  }

  send(message: ToWorker): void {
    if (!this.hasEnded) this.#process.send(message);
  }

  /**
   * Has it read the config again, and go by it, as soon as it hears anything.
   *
   * @returns Why it goes by the one before, in a sentence; undefined if it does not, or has ended.
   */
  async reload(): Promise<string | undefined> {
    const id = this.#nextReload++;
    const answered = new Promise<string | undefined>((resolve) => this.#reloads.set(id, resolve));
    const cancel = this.#clock.after(RELOAD_MS, () => {
      this.#reloads.get(id)?.(`no answer within ${RELOAD_MS / 1000} s`);
    });
    const asked = this.#step("ready").then(() => {
      this.send({ type: "reload", id });
      return answered;
    });
    const problem = await Promise.race([answered, asked, this.ended]).catch(nothing);
    cancel();
    this.#reloads.delete(id);
    return problem ?? undefined;
  }

  /** Ends it at once. */
  kill(): void {
    if (!this.hasEnded) this.#process.kill();
  }

  #step(step: Step): Promise<FromWorker> {
    const said = this.#steps.get(step);
    if (said !== undefined) return Promise.resolve(said);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiting.push({ step, resolve, reject }));
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "unreachable":
        this.#news.unreachable(message.pool, message.origin, message.reason);
        return;
      case "ejected":
        this.#news.ejected(message.pool, message.origin);
        return;
      case "reloaded":
        this.#reloads.get(message.id)?.(message.problem);
        this.#reloads.delete(message.id);
        return;
      case "counters":
        this.status = message.status;
        this.#news.counted();
        return;
      case "failed":
        this.#fail(new ConfigError(message.sentence));
        return;
      default: {
        if (message.type === "drained") this.cut = message.cut;
        this.#steps.set(message.type, message);
        const due = this.#waiting.filter(({ step }) => step === message.type);
        this.#waiting = this.#waiting.filter(({ step }) => step !== message.type);
        for (const { resolve } of due) resolve(message);
      }
    }
  }

  #end(how: string): void {
    this.hasEnded = true;
    this.#fail(new ConfigError(`--workers: a worker ended before it could listen: ${how}`));
    this.#news.ended(this, how);
    this.#ended.resolve();
  }

  #fail(failure: ConfigError): void {
    this.#failure ??= failure;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(this.#failure);
  }
}

function nothing(): void {}
