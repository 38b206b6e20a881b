import type { FromWorker, Line, ToWorker } from "../workers/messages.ts";
import type { SpawnWorker, WorkerEars, WorkerProcess } from "../workers/worker-handle.ts";
import { ownCommand } from "./own-command.ts";

/** The variable by which a process knows that it is a worker, and which one. */
const SLOT_VARIABLE = "LB_WORKER_SLOT";

/** The executable that this process runs, even if another one has taken its place on disk. */
const SAME_EXECUTABLE = "/proc/self/exe";

/**
 * Starts a worker: this program once more, with the same command line and environment, and a channel to it.
 *
 * It has the limit on fetches lifted from its first moment, as it inherits the variable that says so: becoming
 * itself once more would cost it the channel.
 */
export const spawnWorker: SpawnWorker = (slot, ears) => {
  try {
    return spawn(slot, ears);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    queueMicrotask(() => ears.ended(reason));
    return { pid: 0, send() {}, kill() {} };
  }
};

function spawn(slot: number, ears: WorkerEars): WorkerProcess {
  const { name, words } = ownCommand();
  let isConnected = true;
  const over = Promise.withResolvers<void>();
  const child = Bun.spawn([SAME_EXECUTABLE, ...words], {
    argv0: name,
    env: { ...process.env, [SLOT_VARIABLE]: String(slot) },
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message) => ears.hear(message as FromWorker),
    // What it said last may come after its end.
    onDisconnect() {
      isConnected = false;
      over.resolve();
    },
  });
  void Promise.all([child.exited, over.promise]).then(() => {
    ears.ended(String(child.signalCode ?? `exit code ${child.exitCode}`));
  });
  return {
    pid: child.pid,
    send(message) {
      if (!isConnected) return;
      try {
        child.send(message);
      } catch {
        // It has gone, and nobody was told yet. Its end is told by `ended`, whatever was on its way then.
      }
    },
    kill: () => child.kill("SIGKILL"),
  };
}

/** The number of the worker that this process is, from 0; undefined if it is none. */
export function workerSlot(): number | undefined {
  const text = process.env[SLOT_VARIABLE];
  return text === undefined || process.send === undefined ? undefined : Number(text);
}

/** The line to the supervisor that started this process. */
export function lineToSupervisor(): Line {
  return {
    send(message) {
      if (process.connected) process.send?.(message);
    },
    onMessage: (hear) => void process.on("message", (message) => hear(message as ToWorker)),
    onGone: (fn) => void process.once("disconnect", fn),
  };
}
