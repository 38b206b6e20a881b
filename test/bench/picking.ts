import { fileURLToPath } from "node:url";
import { DEFAULTS } from "../../src/config/config.ts";
import { ALGORITHMS } from "../../src/core/picking/index.ts";
import { APART, BenchError } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/**
 * What the decisions of one request cost (pick, begin and end), among 3 backends and among 1,000.
 *
 * With a clock that stands still the figure is the decisions' own. With the system's, which is what
 * `lb` runs on, reading the time is most of it and hides a difference.
 */

const PROGRAM = fileURLToPath(new URL("picking-samples.ts", import.meta.url));

/** The costs of one kind of balancer. */
export interface PickingCost {
  /** The algorithm, and what differs from equal weights and a clock that stands still. */
  readonly name: string;
  /**
   * Whether the budget speaks of it: the default algorithm, backends of equal weight, and nothing that hides a
   * difference. What others do is more by its nature: a heap's O(log n), or a look at two of a thousand places in memory.
   */
  readonly hasBudget: boolean;
  /** Nanoseconds among 3 backends. */
  readonly few: Spread;
  /** Nanoseconds among 1,000. */
  readonly many: Spread;
  /** Of the two, measured in turn. */
  readonly ratio: Spread;
}

/** Measures every algorithm, alone on the proxies' core; the default one in all three ways. */
export async function measurePicking(processes: Processes): Promise<PickingCost[]> {
  const costs: PickingCost[] = [];
  for (const algorithm of ALGORITHMS) {
    if (algorithm === DEFAULTS.algorithm) {
      costs.push(await measure(processes, algorithm, "equal", "still"));
      costs.push(await measure(processes, algorithm, "equal", "system"));
    }
    costs.push(await measure(processes, algorithm, "mixed", "still"));
  }
  return costs;
}

async function measure(
  processes: Processes,
  algorithm: string,
  weights: "equal" | "mixed",
  clock: "still" | "system",
): Promise<PickingCost> {
  const program = processes.start("picking", {
    argv: APART.forProxy([process.execPath, "run", PROGRAM, algorithm, weights, clock]),
  });
  const status = await program.ended;
  if (status !== 0) throw new BenchError(`picking ended with ${status}:\n${program.said()}`);
  const samples = JSON.parse(program.said()) as { few: number; many: number }[];
  const differences = [weights === "mixed" ? "weights 1–3" : "", clock === "system" ? "system clock" : ""];
  return {
    name: [algorithm, ...differences.filter((difference) => difference !== "")].join(", "),
    hasBudget: algorithm === DEFAULTS.algorithm && weights === "equal" && clock === "still",
    few: spreadOf(samples.map(({ few }) => few)),
    many: spreadOf(samples.map(({ many }) => many)),
    ratio: spreadOf(samples.map(({ few, many }) => many / few)),
  };
}
