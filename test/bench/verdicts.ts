import type { PickingCost } from "./picking.ts";
import { cpuRatio, range } from "./report.ts";
import type { Spread } from "./statistics.ts";
import type { Result } from "./throughput.ts";

/** The budgets: what `lb` may cost. Each verdict says what was measured, and what was not is said, too. */

const LB_TO_RELAY = 1.15;
const PICK_MANY_TO_FEW = 1.3;
const COLD_START_MS = 150;

/** What came of one budget; `isKept` is undefined if nothing was measured. */
export interface Verdict {
  readonly isKept: boolean | undefined;
  readonly text: string;
}

/** @param results Of the first case; undefined if it was not measured. */
export function judgeCost(results: readonly Result[] | undefined): Verdict {
  const lb = results?.find(({ name }) => name === "lb");
  const relay = results?.find(({ name }) => name === "relay");
  const budget = `CPU a request, lb ≤ ${LB_TO_RELAY} × the bare relay (100 B, 64 connections)`;
  return judge(budget, lb && cpuRatio(lb, relay), LB_TO_RELAY, "×", 2);
}

/** @param costs Undefined if it was not measured. */
export function judgePicking(costs: readonly PickingCost[] | undefined): Verdict[] {
  const budget = (name: string) =>
    `pick among 1,000 ≤ ${PICK_MANY_TO_FEW} × among 3 (${name}, equal weights, still clock)`;
  if (costs === undefined) return [judge(budget("any"), undefined, PICK_MANY_TO_FEW, "×", 2)];
  return costs
    .filter(({ hasBudget }) => hasBudget)
    .map(({ name, ratio }) => judge(budget(name), ratio, PICK_MANY_TO_FEW, "×", 2));
}

/** @param time Undefined if it was not measured. */
export function judgeColdStart(time: Spread | undefined): Verdict {
  return judge(`cold start to the first answer < ${COLD_START_MS} ms`, time, COLD_START_MS, " ms", 0);
}

/** One line for a verdict. */
export function verdictLine({ isKept, text }: Verdict): string {
  const word = isKept === undefined ? "SKIP" : isKept ? "PASS" : "FAIL";
  return `${word}  ${text}`;
}

function judge(
  budget: string,
  measured: Spread | undefined,
  limit: number,
  unit: string,
  digits: number,
): Verdict {
  if (measured === undefined) return { isKept: undefined, text: `${budget}: not measured` };
  return {
    isKept: measured.median <= limit,
    text: `${budget}: ${measured.median.toFixed(digits)}${unit} (${range(measured, digits)})`,
  };
}
