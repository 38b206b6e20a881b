import type { PickingCost } from "./picking.ts";
import { median, ratioOf, type Spread, spreadOf } from "./statistics.ts";
import type { Case, Result, Sample } from "./throughput.ts";

/** The figures as tables for a terminal. Every figure is a median; ranges are of the rounds. */

/** In cores. An idle machine's own chores stay below. */
const DISTURBED_FROM = 0.15;

/** Names a case. */
export function caseName({ reply, connections }: Case): string {
  return `${reply.name} replies, ${connections} connections`;
}

/** The table of one case. */
export function caseTable(results: readonly Result[]): string {
  const nginx = results.find(({ name }) => name === "nginx");
  const relay = results.find(({ name }) => name === "relay");
  const head = [
    "proxy",
    "CPU µs/req",
    "range",
    "÷ nginx",
    "÷ relay",
    "req/s",
    "range",
    "p50 ms",
    "p99 ms",
    "peak MB",
    "core",
  ];
  return table([head, ...results.map((result) => caseRow(result, nginx, relay))]);
}

/** How much of the rounds something else took, in cores; undefined if it is too little to matter. */
export function disturbance(results: readonly Result[]): string | undefined {
  const shares = results.flatMap(({ samples }) => samples.flatMap((sample) => sample?.foreignCores ?? []));
  const disturbed = shares.filter((share) => share > DISTURBED_FROM);
  if (disturbed.length === 0) return undefined;
  const worst = Math.max(...disturbed).toFixed(2);
  return `disturbed: in ${disturbed.length} of ${shares.length} rounds others took up to ${worst} of a core`;
}

/** The ratio of CPU time a request of one proxy to another's, of rounds that both came through. */
export function cpuRatio(result: Result, base: Result | undefined): Spread | undefined {
  return base && ratioOf(result.samples.map(cpuOf), base.samples.map(cpuOf));
}

/** The table of what picking costs. */
export function pickingTable(costs: readonly PickingCost[]): string {
  const head = ["pick + begin + end", "of 3, ns", "of 1,000, ns", "ratio", "range"];
  const rows = costs.map(({ name, few, many, ratio }) => [
    name,
    few.median.toFixed(1),
    many.median.toFixed(1),
    ratio.median.toFixed(2),
    range(ratio, 2),
  ]);
  return table([head, ...rows]);
}

/** `min–max`, rounded. */
export function range({ min, max }: Spread, digits: number): string {
  return `${min.toFixed(digits)}–${max.toFixed(digits)}`;
}

function caseRow(result: Result, nginx: Result | undefined, relay: Result | undefined): string[] {
  const samples = result.samples.filter((sample) => sample !== undefined);
  if (samples.length === 0) return [result.name, "FAILED", ...Array<string>(9).fill("")];
  const cpu = spreadOf(samples.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
  const rate = spreadOf(samples.map(({ requestsPerSecond }) => requestsPerSecond));
  const middle = (figure: (sample: Sample) => number) => median(samples.map(figure));
  return [
    result.failures.length > 0 ? `${result.name} (failed in part)` : result.name,
    cpu.median.toFixed(1),
    range(cpu, 1),
    cpuRatio(result, nginx)?.median.toFixed(2) ?? "",
    cpuRatio(result, relay)?.median.toFixed(2) ?? "",
    rate.median.toFixed(0),
    range(rate, 0),
    middle(({ p50Ms }) => p50Ms).toFixed(2),
    middle(({ p99Ms }) => p99Ms).toFixed(2),
    (result.peakMemoryBytes / 1e6).toFixed(0),
    `${Math.round(middle(({ coreShare }) => coreShare) * 100)} %`,
  ];
}

function cpuOf(sample: Sample | undefined): number | undefined {
  return sample?.cpuMicrosPerRequest;
}

/** Columns as wide as they need, the first to the left, the others, which are figures, to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return lines.join("\n");
}
