import { describe, expect, test } from "bun:test";
import { CASES } from "./cases.ts";
import type { LbProgram } from "./contenders/lb-program.ts";
import { chosen, turnsOf } from "./contenders/lineup.ts";
import type { CaseFigures, Figures } from "./figures.ts";
import { parseFlags } from "./flags.ts";
import { NO_FIGURES } from "./no-figures.ts";
import type { Sample } from "./throughput.ts";
import { judgeAll, verdictLine } from "./verdicts.ts";

const SAMPLE: Sample = {
  cpuMicrosPerRequest: 20,
  requestsPerSecond: 50_000,
  p50Ms: 1,
  p99Ms: 4,
  coreShare: 1,
  foreignCores: 0,
};

/** One case with these proxies, each with what differs from the sample above. */
function caseWith(id: string, proxies: Readonly<Record<string, Partial<Sample>>>): CaseFigures {
  const of = CASES.find((one) => one.id === id);
  if (of === undefined) throw new Error(`no case is called ${id}`);
  const results = Object.entries(proxies).map(([name, differences]) => ({
    name,
    samples: [{ ...SAMPLE, ...differences }],
    peakMemoryBytes: 1,
    failures: [],
  }));
  return { of, results };
}

function linesOf(figures: Partial<Figures>): string[] {
  return judgeAll({ ...NO_FIGURES, ...figures })
    .filter(({ isKept }) => isKept !== undefined)
    .map(verdictLine);
}

describe("a budget", () => {
  test("is kept up to its limit and exceeded beyond", () => {
    const lines = linesOf({
      cases: [
        caseWith("headers-64", {
          lb: { cpuMicrosPerRequest: 23, p99Ms: 5.3 },
          nginx: {},
          haproxy: { cpuMicrosPerRequest: 19.9 },
        }),
      ],
    });
    const where = "(100 B replies to 12-header requests, 64 connections)";
    expect(lines).toEqual([
      `PASS  CPU a request, lb ≤ 1.15 × nginx ${where}: 1.15×`,
      `FAIL  CPU a request, lb ≤ 1.15 × haproxy ${where}: 1.16×`,
      `FAIL  p99, lb ≤ 1.3 × haproxy ${where}: 1.32×`,
    ]);
  });

  test("can be a least", () => {
    const figures = (requestsPerSecond: number) => ({
      cases: [caseWith("1m-64", { lb: { requestsPerSecond }, haproxy: {} })],
    });
    expect(linesOf(figures(45_000)).at(-1)).toStartWith("PASS  throughput, lb ≥ 0.9 × haproxy");
    expect(linesOf(figures(44_999)).at(-1)).toStartWith("FAIL  throughput, lb ≥ 0.9 × haproxy");
  });

  test("of idle clients is of the lb that people run", () => {
    const idle = (afterBytes: number | undefined) => [
      { name: "lb web+http1", beforeBytes: 60e6, afterBytes: 500e6, failures: [] },
      { name: "lb", beforeBytes: 60e6, afterBytes, failures: [] },
    ];
    expect(linesOf({ idle: idle(120e6) })).toEqual([
      "PASS  memory of lb with 10,000 idle clients ≤ 120 MB: 120 MB",
    ]);
    expect(linesOf({ idle: idle(121e6) })[0]).toStartWith("FAIL  memory of lb with");
    expect(linesOf({ idle: idle(undefined) })).toEqual([]);
  });

  test("of routing is of each kind that has one", () => {
    const spread = { median: 100, min: 90, max: 110 };
    const cost = (name: string, median: number, hasBudget: boolean) => {
      return { name, hasBudget, few: spread, many: spread, ratio: { median, min: 1.5, max: 2.5 } };
    };
    const routing = [cost("hosts", 2, true), cost("paths", 2.01, true), cost("paths, of bytes", 3, false)];
    expect(linesOf({ routing })).toEqual([
      "PASS  matching among 1,000 routes ≤ 2 × among 10 (hosts): 2.00× (1.50–2.50)",
      "FAIL  matching among 1,000 routes ≤ 2 × among 10 (paths): 2.01× (1.50–2.50)",
    ]);
  });

  test("of routes is of those without middlewares, and says what disturbed it", () => {
    const spread = { median: 20, min: 19, max: 21 };
    const cost = (name: string, median: number) => {
      const ratio = { median, min: 0.99, max: 4 };
      return { name, cpuMicros: spread, requestsPerSecond: spread, addedMicros: spread, ratio };
    };
    const costs = [cost("flags alone", 1), cost("one route", 1.03), cost("five middlewares", 3.7)];
    const result = (foreignCores: number) => {
      return { name: "one route", samples: [{ ...SAMPLE, foreignCores }], peakMemoryBytes: 1, failures: [] };
    };
    const where = "(100 B replies to 12-header requests, 64 connections)";
    const line = `PASS  CPU a request, one route ≤ 1.03 × flags alone ${where}: 1.03× (0.99–4.00)`;
    expect(linesOf({ middleware: { results: [result(0)], costs } })).toEqual([line]);
    const slower = [...costs, cost("10 routes", 1.031)];
    const [one, ten] = linesOf({ middleware: { results: [result(0.5)], costs: slower } });
    expect(one).toBe(`${line}, disturbed: in 1 of 1 rounds others took up to 0.50 of a core`);
    expect(ten).toStartWith("FAIL  CPU a request, 10 routes ≤ 1.03 × flags alone");
  });

  test("is not judged of runs that failed", () => {
    const [figures] = [caseWith("10k-64", { lb: {}, nginx: {}, haproxy: {} })];
    const results = figures.results.map((result) => ({ ...result, samples: [undefined] }));
    expect(linesOf({ cases: [{ ...figures, results }] })).toEqual([]);
  });

  test("says that nothing was measured", () => {
    const lines = judgeAll(NO_FIGURES).map(verdictLine);
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) expect(line).toMatch(/^SKIP {2}.*: not measured$/);
  });

  test("of proxies is judged in a short run already", () => {
    const program: LbProgram = {
      path: "lb",
      version: "lb 1.0.0",
      flags: new Set(["--front", "--transport", "--tls-cert"]),
      profileDirectory: undefined,
    };
    const flags = parseFlags(["--short"]);
    if (flags === undefined) throw new Error("--short asks for help");
    const cases = turnsOf(flags.cases, chosen(program, flags), flags).map(({ of, contenders }) =>
      caseWith(of.id, Object.fromEntries(contenders.map(({ name }) => [name, {}]))),
    );
    const skipped = judgeAll({ ...NO_FIGURES, cases }).filter(({ isKept }) => isKept === undefined);
    expect(skipped.map(({ text }) => text.split(/ of | to | among /)[0])).toEqual([
      "memory",
      "memory",
      "pick",
      "matching",
      "CPU a request, one route ≤ 1.03 × flags alone (100 B replies",
      "CPU a request, 10 routes ≤ 1.03 × flags alone (100 B replies",
      "cold start",
    ]);
  });
});
