import type { FromWorker, ToWorker } from "../../src/workers/messages.ts";
import type { SpawnWorker, WorkerEars } from "../../src/workers/worker-handle.ts";

/** A worker process that exists only in the test. */
export class StagedWorker {
  readonly slot: number;
  readonly pid: number;
  readonly heard: ToWorker[] = [];
  readonly #ears: WorkerEars;
  isRunning = true;
  isReady = false;

  constructor(slot: number, pid: number, ears: WorkerEars) {
    this.slot = slot;
    this.pid = pid;
    this.#ears = ears;
  }

  says(message: FromWorker): void {
    this.isReady ||= message.type === "ready";
    this.#ears.hear(message);
  }

  /** Ends it, as if the system had. */
  dies(how = "SIGKILL"): void {
    this.isRunning = false;
    this.#ears.ended(how);
  }

  /** The kinds of what it heard, in order. */
  get kinds(): string[] {
    return this.heard.map(({ type }) => type);
  }
}

/** Starts staged workers, which do by themselves what a healthy one does at its start and at its end. */
export class StagedWorkers {
  readonly all: StagedWorker[] = [];
  /** Where each is said to listen. */
  readonly at = { url: "http://localhost:8080", port: 8080 };
  /** Whether they end when they are told to. */
  areObedient = true;
  /** Whether those that are started from now on are ready at once; otherwise the test says when. */
  areQuick = true;
  /** Why those that are started from now on cannot listen; undefined if they can. */
  failure: string | undefined;

  readonly spawn: SpawnWorker = (slot, ears) => {
    const worker = new StagedWorker(slot, 1_000 + this.all.length, ears);
    const { failure } = this;
    this.all.push(worker);
    if (this.areQuick) queueMicrotask(() => worker.says({ type: "ready" }));
    return {
      pid: worker.pid,
      send: (message) => {
        worker.heard.push(message);
        queueMicrotask(() => this.#react(worker, message, failure));
      },
      kill: () => worker.isRunning && worker.dies(),
    };
  };

  /** Those that have not ended. */
  get running(): StagedWorker[] {
    return this.all.filter(({ isRunning }) => isRunning);
  }

  #react(worker: StagedWorker, message: ToWorker, failure: string | undefined): void {
    if (!worker.isRunning || !worker.isReady) return;
    if (message.type === "listen") {
      if (failure === undefined) worker.says({ type: "listening", at: [this.at] });
      else worker.says({ type: "failed", sentence: failure });
    }
    if (message.type === "drain" && this.areObedient) {
      worker.says({ type: "refusing" });
      worker.says({ type: "drained", cut: 1 });
      worker.dies("exit code 0");
    }
  }
}
