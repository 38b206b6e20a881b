import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, type ProcessId, processTree } from "./accounting.ts";

/**
 * The processes that a run starts, and the directory they live in. What is started here ends here, by
 * its own process id, also when the run is interrupted; nothing else is ever touched.
 */

/** A command to start. */
export interface Command {
  readonly argv: readonly string[];
  /** Added to PATH and HOME. Nothing else is inherited: a proxy set for the shell would fool a client. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a process may take to end when it is asked to. */
const GRACE_MS = 3_000;

/** A process under way. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  /** True once it has ended. */
  readonly hasEnded: () => boolean;
  /** Resolves with its status when it ends. */
  readonly ended: Promise<number>;
  /** The end of what it wrote to stdout and stderr. */
  readonly said: () => string;
  /** Asks it to end, then makes it. */
  readonly stop: () => Promise<void>;
}

/** Owns the processes and the files of one run. */
export class Processes {
  /** A directory for configs and logs, gone after the run. */
  readonly directory: string = mkdtempSync(join(tmpdir(), "lb-bench-"));
  readonly #running = new Map<number, Running>();
  #count = 0;
  #isInterrupted = false;

  constructor() {
    process.on("exit", () => this.#endAll());
    for (const [signal, number] of [
      ["SIGINT", 2],
      ["SIGTERM", 15],
      ["SIGHUP", 1],
    ] as const) {
      process.on(signal, () => {
        // The second signal does not wait; leaving ends what is left.
        if (this.#isInterrupted) process.exit(128 + number);
        this.#isInterrupted = true;
        void this.stopAll().finally(() => process.exit(128 + number));
      });
    }
  }

  /** Starts a command in the run's directory. */
  start(name: string, { argv, env = {} }: Command): Running {
    if (this.#isInterrupted) throw new Error("interrupted");
    this.#count += 1;
    const logPath = join(this.directory, `${this.#count}-${name}.log`);
    const log = openSync(logPath, "w");
    const child = Bun.spawn([...argv], {
      cwd: this.directory,
      env: { PATH: process.env.PATH ?? "", HOME: this.directory, ...env },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    const ended = child.exited.finally(() => this.#running.delete(child.pid));
    const running: Running = {
      name,
      pid: child.pid,
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      ended,
      said: () => readFileSync(logPath, "utf8").trim().slice(-2_000),
      stop: async () => {
        const tree = processTree(child.pid);
        child.kill("SIGTERM");
        await Promise.race([ended, Bun.sleep(GRACE_MS)]);
        killAll(tree);
        await ended;
      },
    };
    this.#running.set(child.pid, running);
    return running;
  }

  /** Stops everything that still runs. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
  }

  /** Ends what is left and removes the directory, at once: the last thing an exiting process can do. */
  #endAll(): void {
    for (const pid of this.#running.keys()) killAll(processTree(pid));
    this.#running.clear();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Ends those that still live: a master that is killed leaves its workers behind. */
function killAll(tree: readonly ProcessId[]): void {
  for (const id of tree) {
    if (!isAlive(id)) continue;
    try {
      process.kill(id.pid, "SIGKILL");
    } catch {
      // It ended in between.
    }
  }
}
