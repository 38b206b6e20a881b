import { cpus, release } from "node:os";

/**
 * The stage: one core for whatever is measured, another for everything else (the load, the backend and
 * this program), so that the proxy's figures are its own. Children inherit the core and the limit.
 */

/** The core of the proxy under test, alone. */
export const PROXY_CORE = 0;
/** The core of the load, the backend and this program. */
export const LOAD_CORE = 1;
/** Enough for 1,000 connections to each side of each proxy, all of whom share one backend. */
const OPEN_FILES = 16_384;

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly bun: string;
}

/** A reason why nothing can be measured, in words for the person who ran it. */
export class BenchError extends Error {}

/**
 * Moves this process to the load's core and lifts its limit of open files.
 *
 * @throws BenchError if the machine cannot be the stage.
 */
export function setStage(): Machine {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    kernel: release(),
    bun: Bun.version,
  };
  if (process.platform !== "linux") throw new BenchError("The benchmark reads /proc and needs Linux.");
  if (machine.cores < 2) throw new BenchError("The benchmark needs two cores: the proxy's and the load's.");
  for (const program of ["wrk", "nginx", "taskset", "prlimit"]) {
    if (Bun.which(program) === null)
      throw new BenchError(`The benchmark needs ${program}: apt install wrk nginx.`);
  }
  run(["taskset", "--all-tasks", "--cpu-list", "--pid", String(LOAD_CORE), String(process.pid)]);
  const [soft = 0, hard = 0] = run(["prlimit", "--raw", "--noheadings", "--nofile", "--output=SOFT,HARD"])
    .trim()
    .split(/\s+/)
    .map((limit) => (limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit)));
  if (soft < OPEN_FILES) {
    if (hard < OPEN_FILES)
      throw new BenchError(`The limit of open files is ${hard}: raise it to ${OPEN_FILES}.`);
    run(["prlimit", `--nofile=${OPEN_FILES}:`, "--pid", String(process.pid)]);
  }
  return machine;
}

/** A command line that runs on the proxy's core; it keeps its process id. */
export function onProxyCore(argv: readonly string[]): string[] {
  return ["taskset", "--cpu-list", String(PROXY_CORE), ...argv];
}

function run(argv: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(argv);
  if (exitCode !== 0) throw new BenchError(`${argv.join(" ")}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
