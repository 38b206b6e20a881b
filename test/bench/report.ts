import { EARLY_REQUESTS, type EnduranceResult, LATE_REQUESTS } from "./endurance.ts";
import { IDLE_CLIENTS, type IdleResult } from "./idle.ts";
import type { MiddlewareFigures } from "./middleware.ts";
import type { PickingCost } from "./picking.ts";
import type { RoutingCost } from "./routing.ts";
import { median, ratioOf, type Spread, spreadOf } from "./statistics.ts";
import { type Rows, range } from "./table.ts";
import type { Result, Sample } from "./throughput.ts";

/** The figures as rows of tables. Every figure is a median; ranges are of the rounds. */

/** In cores. An idle machine's own chores stay below. */
const DISTURBED_FROM = 0.15;
const MEGABYTE = 1e6;

/** The table of one case. */
export function caseRows(results: readonly Result[]): Rows {
  const base = (name: string) => results.find((result) => result.name === name);
  const bases = ["nginx", "haproxy"].filter((name) => base(name) !== undefined);
  const head = ["proxy", "CPU µs/req", "range", ...bases.map((name) => `÷ ${name}`)];
  const more = ["req/s", "range", "p50 ms", "p99 ms", "peak MB", "core"];
  const rows = results.map((result) => {
    const ratios = bases.map((name) => cpuRatio(result, base(name))?.median.toFixed(2) ?? "");
    return caseRow(result, ratios);
  });
  return [[...head, ...more], ...rows];
}

/** How much of the rounds something else took, in cores; undefined if it is too little to matter. */
export function disturbance(results: readonly Result[]): string | undefined {
  const shares = results.flatMap(({ samples }) => samples.flatMap((sample) => sample?.foreignCores ?? []));
  const disturbed = shares.filter((share) => share > DISTURBED_FROM);
  if (disturbed.length === 0) return undefined;
  const worst = Math.max(...disturbed).toFixed(2);
  return `disturbed: in ${disturbed.length} of ${shares.length} rounds others took up to ${worst} of a core`;
}

/** The table of what idle clients cost. */
export function idleRows(results: readonly IdleResult[]): Rows {
  const clients = IDLE_CLIENTS.toLocaleString("en");
  const head = ["proxy", "MB before", `MB with ${clients}`, "KB a connection"];
  const rows = results.map(({ name, beforeBytes, afterBytes }) => {
    if (beforeBytes === undefined || afterBytes === undefined) return [name, "FAILED"];
    const eachBytes = (afterBytes - beforeBytes) / IDLE_CLIENTS;
    return [name, megabytes(beforeBytes), megabytes(afterBytes), (eachBytes / 1000).toFixed(1)];
  });
  return [head, ...rows];
}

/** The table of memory after very many requests. */
export function enduranceRows(results: readonly EnduranceResult[]): Rows {
  const head = [
    "proxy",
    ...[EARLY_REQUESTS, LATE_REQUESTS].map((at) => `MB after ${at.toLocaleString("en")}`),
  ];
  const rows = results.map(({ name, earlyBytes, lateBytes }) => {
    if (earlyBytes === undefined || lateBytes === undefined) return [name, "FAILED"];
    return [name, megabytes(earlyBytes), megabytes(lateBytes), (lateBytes / earlyBytes).toFixed(2)];
  });
  return [[...head, "ratio"], ...rows];
}

/** The table of what picking costs. */
export function pickingRows(costs: readonly PickingCost[]): Rows {
  return manyAndFewRows(["pick + begin + end", "of 3, ns", "of 1,000, ns", "ratio", "range"], costs);
}

/** The table of what finding a route costs. */
export function routingRows(costs: readonly RoutingCost[]): Rows {
  return manyAndFewRows(["a match", "of 10, ns", "of 1,000, ns", "ratio", "range"], costs);
}

/** The table of what routes and middlewares add. */
export function middlewareRows({ results, costs }: MiddlewareFigures): Rows {
  const head = ["lb with", "CPU µs/req", "range", "added µs", "range", "ratio", "range", "req/s", "range"];
  const rows = results.map(({ name }) => {
    const cost = costs.find((one) => one.name === name);
    if (cost === undefined) return [name, "FAILED"];
    const { cpuMicros, addedMicros, ratio, requestsPerSecond } = cost;
    return [
      name,
      ...cells(cpuMicros, 1),
      ...cells(addedMicros, 2),
      ...cells(ratio, 2),
      ...cells(requestsPerSecond, 0),
    ];
  });
  return [head, ...rows];
}

function cells(spread: Spread, digits: number): string[] {
  return [spread.median.toFixed(digits), range(spread, digits)];
}

function manyAndFewRows(head: string[], costs: readonly (PickingCost | RoutingCost)[]): Rows {
  const rows = costs.map(({ name, few, many, ratio }) => [
    name,
    few.median.toFixed(1),
    many.median.toFixed(1),
    ratio.median.toFixed(2),
    range(ratio, 2),
  ]);
  return [head, ...rows];
}

function caseRow(result: Result, ratios: readonly string[]): string[] {
  const samples = result.samples.filter((sample) => sample !== undefined);
  if (samples.length === 0) return [result.name, "FAILED"];
  const cpu = spreadOf(samples.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest));
  const rate = spreadOf(samples.map(({ requestsPerSecond }) => requestsPerSecond));
  const middle = (figure: (sample: Sample) => number | undefined, digits: number) => {
    const values = samples.flatMap((sample) => figure(sample) ?? []);
    return values.length === 0 ? "" : median(values).toFixed(digits);
  };
  return [
    result.failures.length > 0 ? `${result.name} (failed in part)` : result.name,
    cpu.median.toFixed(1),
    range(cpu, 1),
    ...ratios,
    rate.median.toFixed(0),
    range(rate, 0),
    middle(({ p50Ms }) => p50Ms, 2),
    middle(({ p99Ms }) => p99Ms, 2),
    megabytes(result.peakMemoryBytes),
    `${middle(({ coreShare }) => coreShare * 100, 0)} %`,
  ];
}

function cpuRatio(result: Result, base: Result | undefined): Spread | undefined {
  return base && ratioOf(result.samples.map(cpuOf), base.samples.map(cpuOf));
}

function cpuOf(sample: Sample | undefined): number | undefined {
  return sample?.cpuMicrosPerRequest;
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(0);
}
