import {
  BROWSER_CASE_IDS,
  CASES,
  caseName,
  LARGE_REPLIES_CASE_ID,
  MAIN_CASE_ID,
  MEDIUM_REPLIES_CASE_ID,
} from "./cases.ts";
import { LB, LB_FETCH, LB_WEB } from "./contenders/lb.ts";
import { FLAGS_ALONE, ONE_ROUTE, TEN_ROUTES } from "./contenders/lb-files.ts";
import { EARLY_REQUESTS, type EnduranceResult, LATE_REQUESTS } from "./endurance.ts";
import { type Figures, resultsOf } from "./figures.ts";
import { IDLE_CLIENTS, type IdleResult } from "./idle.ts";
import { type MiddlewareFigures, middlewareCase } from "./middleware.ts";
import type { PickingCost } from "./picking.ts";
import { disturbance } from "./report.ts";
import type { RoutingCost } from "./routing.ts";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";
import { range } from "./table.ts";
import type { Result, Sample } from "./throughput.ts";

/** The budgets: what `lb` may cost. Each verdict says what was measured, and what was not is said, too. */

/** What came of one budget; `isKept` is undefined if nothing was measured. */
export interface Verdict {
  readonly isKept: boolean | undefined;
  readonly text: string;
}

/** A budget as a ratio of two proxies in one case: at most, or at least, so many times the other's. */
interface RatioBudget {
  readonly what: string;
  readonly figure: (sample: Sample) => number | undefined;
  readonly caseId: string;
  readonly ours: string;
  readonly theirs: string;
  readonly limit: number;
  readonly isFloor?: boolean;
}

const cpu = {
  what: "CPU a request",
  figure: ({ cpuMicrosPerRequest }: Sample) => cpuMicrosPerRequest,
} as const;
const p99 = { what: "p99", figure: ({ p99Ms }: Sample) => p99Ms } as const;
const throughput = {
  what: "throughput",
  figure: ({ requestsPerSecond }: Sample) => requestsPerSecond,
  isFloor: true,
} as const;

/** What `lb` is to be compared with: the proxies that are written in C and have been made fast for decades. */
const NATIVE = ["nginx", "haproxy"] as const;

const RATIO_BUDGETS: readonly RatioBudget[] = [
  ...BROWSER_CASE_IDS.flatMap((caseId) => [
    ...NATIVE.map((theirs) => ({ ...cpu, caseId, ours: LB, theirs, limit: 1.15 })),
    { ...p99, caseId, ours: LB, theirs: "haproxy", limit: 1.3 },
  ]),
  ...[MEDIUM_REPLIES_CASE_ID, LARGE_REPLIES_CASE_ID].flatMap((caseId) =>
    NATIVE.map((theirs) => ({ ...cpu, caseId, ours: LB, theirs, limit: 1.2 })),
  ),
  { ...throughput, caseId: LARGE_REPLIES_CASE_ID, ours: LB, theirs: "haproxy", limit: 0.9 },
  { ...cpu, caseId: MAIN_CASE_ID, ours: LB_WEB, theirs: "nginx", limit: 1.45 },
  { ...cpu, caseId: MAIN_CASE_ID, ours: LB_WEB, theirs: "caddy", limit: 0.5 },
  // The runtime's server: what it costs with either client against the floor that fetch sets.
  { ...cpu, caseId: MAIN_CASE_ID, ours: LB_WEB, theirs: "relay", limit: 1.15 },
  { ...cpu, caseId: MAIN_CASE_ID, ours: LB_FETCH, theirs: "relay", limit: 1.1 },
];
const IDLE_CLIENTS_MB = 120;
const LATE_TO_EARLY_MEMORY = 1.2;
const PICK_MANY_TO_FEW = 1.3;
const ROUTE_MANY_TO_FEW = 2;
/** Routes without middlewares: what five of them cost is told, but has no budget. */
const ROUTES_TO_NONE = 1.03;
const COLD_START_MS = 150;

/** Every budget's verdict. */
export function judgeAll(figures: Figures): Verdict[] {
  return [
    ...RATIO_BUDGETS.map((budget) => judgeRatio(budget, resultsOf(figures, budget.caseId))),
    judgeIdle(figures.idle),
    ...judgeMemory(figures.endurance),
    ...judgePicking(figures.picking),
    ...judgeRouting(figures.routing),
    ...judgeMiddleware(figures.middleware),
    judge(`cold start to the first answer ≤ ${COLD_START_MS} ms`, figures.coldStartMs, {
      limit: COLD_START_MS,
      unit: " ms",
      digits: 0,
    }),
  ];
}

/** One line for a verdict. */
export function verdictLine({ isKept, text }: Verdict): string {
  const word = isKept === undefined ? "SKIP" : isKept ? "PASS" : "FAIL";
  return `${word}  ${text}`;
}

function judgeRatio(budget: RatioBudget, results: readonly Result[] | undefined): Verdict {
  const figuresOf = (name: string) =>
    results?.find((result) => result.name === name)?.samples.map((sample) => sample && budget.figure(sample));
  const ours = figuresOf(budget.ours);
  const theirs = figuresOf(budget.theirs);
  const { what, caseId, limit, isFloor = false } = budget;
  const of = CASES.find(({ id }) => id === caseId);
  const text = `${what}, ${budget.ours} ${isFloor ? "≥" : "≤"} ${limit} × ${budget.theirs} (${of ? caseName(of) : caseId})`;
  const verdict = judge(text, ours && theirs && ratioOf(ours, theirs), {
    limit,
    unit: "×",
    digits: 2,
    isFloor,
  });
  return withNoise(verdict, results);
}

function judgeIdle(results: readonly IdleResult[] | undefined): Verdict {
  const bytes = results?.find(({ name }) => name === LB)?.afterBytes;
  const clients = IDLE_CLIENTS.toLocaleString("en");
  const text = `memory of ${LB} with ${clients} idle clients ≤ ${IDLE_CLIENTS_MB} MB`;
  const terms = { limit: IDLE_CLIENTS_MB, unit: " MB", digits: 0 };
  return judge(text, bytes === undefined ? undefined : spreadOf([bytes / 1e6]), terms);
}

function judgeMemory(results: readonly EnduranceResult[] | undefined): Verdict[] {
  const [late, early] = [LATE_REQUESTS, EARLY_REQUESTS].map((count) => count.toLocaleString("en"));
  const text = (name: string) =>
    `memory of ${name} after ${late} requests ≤ ${LATE_TO_EARLY_MEMORY} × after ${early}`;
  const terms = { limit: LATE_TO_EARLY_MEMORY, unit: "×", digits: 2 };
  if (results === undefined) return [judge(text(LB), undefined, terms)];
  return results.map(({ name, earlyBytes, lateBytes }) => {
    const isThere = earlyBytes !== undefined && lateBytes !== undefined;
    return judge(text(name), isThere ? spreadOf([lateBytes / earlyBytes]) : undefined, terms);
  });
}

function judgePicking(costs: readonly PickingCost[] | undefined): Verdict[] {
  const text = (name: string) =>
    `pick among 1,000 ≤ ${PICK_MANY_TO_FEW} × among 3 (${name}, equal weights, still clock)`;
  const terms = { limit: PICK_MANY_TO_FEW, unit: "×", digits: 2 };
  if (costs === undefined) return [judge(text("any"), undefined, terms)];
  return costs.filter(({ hasBudget }) => hasBudget).map(({ name, ratio }) => judge(text(name), ratio, terms));
}

function judgeRouting(costs: readonly RoutingCost[] | undefined): Verdict[] {
  const text = (name: string) => `matching among 1,000 routes ≤ ${ROUTE_MANY_TO_FEW} × among 10 (${name})`;
  const terms = { limit: ROUTE_MANY_TO_FEW, unit: "×", digits: 2 };
  if (costs === undefined) return [judge(text("any"), undefined, terms)];
  return costs.filter(({ hasBudget }) => hasBudget).map(({ name, ratio }) => judge(text(name), ratio, terms));
}

function judgeMiddleware(figures: MiddlewareFigures | undefined): Verdict[] {
  const terms = { limit: ROUTES_TO_NONE, unit: "×", digits: 2 };
  return [ONE_ROUTE, TEN_ROUTES].map((ours) => {
    const text = `CPU a request, ${ours} ≤ ${ROUTES_TO_NONE} × ${FLAGS_ALONE} (${caseName(middlewareCase())})`;
    const ratio = figures?.costs.find(({ name }) => name === ours)?.ratio;
    return withNoise(judge(text, ratio, terms), figures?.results);
  });
}

/** Says of a verdict that others used the cores meanwhile, if they did. */
function withNoise(verdict: Verdict, results: readonly Result[] | undefined): Verdict {
  const noise = results && disturbance(results);
  return noise === undefined || verdict.isKept === undefined
    ? verdict
    : { ...verdict, text: `${verdict.text}, ${noise}` };
}

interface Terms {
  readonly limit: number;
  readonly unit: string;
  readonly digits: number;
  readonly isFloor?: boolean;
}

function judge(budget: string, measured: Spread | undefined, terms: Terms): Verdict {
  if (measured === undefined) return { isKept: undefined, text: `${budget}: not measured` };
  const { limit, unit, digits, isFloor = false } = terms;
  const spread = measured.min === measured.max ? "" : ` (${range(measured, digits)})`;
  return {
    isKept: isFloor ? measured.median >= limit : measured.median <= limit,
    text: `${budget}: ${measured.median.toFixed(digits)}${unit}${spread}`,
  };
}
