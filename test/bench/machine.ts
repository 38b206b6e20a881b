import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";

/**
 * The stage: one core for whatever is measured, another for everything else (the load, the backend and
 * this program), so that the proxy's figures are its own. Children inherit the core and the limit.
 */

/** The core of the proxy under test, alone. */
export const PROXY_CORE = 0;
/** The core of the load, the backend and this program. */
export const LOAD_CORE = 1;
/** Enough for a proxy with 5,000 connections on each side, or 10,000 idle clients. */
const OPEN_FILES = 16_384;
/** Enough for 10,000 connections to one port, and for those of earlier ones that still wait. */
const EPHEMERAL_PORTS = 12_000;

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly bun: string;
}

/** A reason why nothing can be measured, in words for the person who ran it. */
export class BenchError extends Error {}

/** Which cores the sides of a measurement run on, as what goes before their command lines. */
export interface Placement {
  readonly forProxy: (argv: readonly string[]) => string[];
  readonly forLoad: (argv: readonly string[]) => string[];
}

/** The proxy alone on its core. */
export const APART: Placement = { forProxy: pinnedTo(`${PROXY_CORE}`), forLoad: pinnedTo(`${LOAD_CORE}`) };

/** Everything on both cores, as the kernel likes: what several workers of a proxy need. */
export const TOGETHER: Placement = {
  forProxy: pinnedTo(`${PROXY_CORE},${LOAD_CORE}`),
  forLoad: pinnedTo(`${PROXY_CORE},${LOAD_CORE}`),
};

/**
 * Moves this process to the load's core and lifts its limit of open files.
 *
 * @throws BenchError if the machine cannot be the stage.
 */
export function setStage(): Machine {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    // The version: what a distributor or a host adds to it says nothing to anybody else.
    kernel: release().split(".").slice(0, 2).join("."),
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
  const [first = 0, last = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  if (last - first < EPHEMERAL_PORTS) {
    throw new BenchError(`ip_local_port_range is ${first} to ${last}: it needs ${EPHEMERAL_PORTS} ports.`);
  }
  return machine;
}

/** taskset becomes the command, so that it keeps its process id. */
function pinnedTo(cores: string) {
  return (argv: readonly string[]) => ["taskset", "--cpu-list", cores, ...argv];
}

function run(argv: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(argv);
  if (exitCode !== 0) throw new BenchError(`${argv.join(" ")}: ${stderr.toString().trim()}`);
  return stdout.toString();
}
