import { availableParallelism } from "node:os";
import { ConfigError, type ConfigProblem } from "../config/problem.ts";
import { MOST_WORKERS } from "../config/process.ts";
import type { Given } from "./given.ts";

/** The machine that the program runs on, as far as workers need to know it. */
export interface Machine {
  /** As `process.platform` has it. */
  readonly platform: string;
  /** How many CPUs this process may use. */
  readonly cpus: number;
}

/**
 * What `--workers` says; undefined if nothing does.
 *
 * @throws ConfigError unless it is `auto` or a whole number.
 */
export function givenWorkers(given: Given): number | "auto" | undefined {
  const text = given.text("workers");
  if (text === undefined || text === "auto") return text;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new ConfigError(
    `${given.place("workers")}: found "${text}", expected auto or a whole number from 1 to ${MOST_WORKERS}`,
  );
}

/**
 * How many workers are asked for.
 *
 * @param problems Takes in that the system cannot have several.
 */
export function workerCount(
  workers: number | "auto",
  problems: ConfigProblem[],
  machine: Machine = { platform: process.platform, cpus: availableParallelism() },
): number {
  const count = workers === "auto" ? machine.cpus : workers;
  if (count > 1 && machine.platform !== "linux") {
    const message = `found ${workers}, expected 1: only on Linux can several processes share a port`;
    problems.push({ path: ["workers"], place: "workers", message });
  }
  return Math.min(count, MOST_WORKERS);
}
