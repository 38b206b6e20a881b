import { availableParallelism } from "node:os";
import { ConfigError } from "../config/problem.ts";
import { MOST_WORKERS } from "../config/process.ts";

/** The machine that the program runs on, as far as workers need to know it. */
export interface Machine {
  /** As `process.platform` has it. */
  readonly platform: string;
  /** How many CPUs this process may use. */
  readonly cpus: number;
}

/**
 * How many workers `--workers` asks for.
 *
 * @param text What was given; undefined for the default, 1.
 * @param place Where it was given, for the error.
 * @throws ConfigError unless it is `auto` or a whole number, and if the system cannot have several.
 */
export function workerCount(
  text: string | undefined,
  place: string,
  machine: Machine = { platform: process.platform, cpus: availableParallelism() },
): number {
  if (text === undefined) return 1;
  let count = machine.cpus;
  if (text !== "auto") {
    count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count < 1 || count > MOST_WORKERS) {
      throw new ConfigError(
        `${place}: found "${text}", expected auto or a whole number from 1 to ${MOST_WORKERS}`,
      );
    }
  }
  if (count > 1 && machine.platform !== "linux") {
    throw new ConfigError(
      `${place}: found "${text}", expected 1: only on Linux can several processes share a port`,
    );
  }
  return Math.min(count, MOST_WORKERS);
}
