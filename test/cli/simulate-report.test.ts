import { expect, test } from "bun:test";
import { plain } from "../../src/cli/colours.ts";
import { latencyAndLoadChart } from "../../src/cli/simulate/chart.ts";
import { latencyText, resultsJson, resultTable, scenarioLines } from "../../src/cli/simulate/report.ts";
import { type SimulationResult, STEPS_A_NINE } from "../../src/simulation/result.ts";
import { CALM, type Scenario } from "../../src/simulation/scenario.ts";

const NO_ERRORS = {
  answered500: 0,
  answered503: 0,
  noAnswer: 0,
  timedOut: 0,
  noBackend: 0,
  queueFull: 0,
  queueTimedOut: 0,
  left: 0,
  turnedAway: 0,
};

const RESULT: SimulationResult = {
  algorithm: "round-robin",
  requests: 1_234_567,
  latencyMs: { mean: 9, p50: 6.123, p90: 20, p99: 61.99, p999: 1_234.5, p9999: 20_000, max: 60_000 },
  imbalance: { requests: 1.001, inFlight: 20.5 },
  errorRate: 0.000_123,
  errors: { ...NO_ERRORS, noAnswer: 152 },
  retries: 4_321,
  ejections: 2,
  load: { requests: [5, 10, 0], meanInFlight: [0.5, 1, 0] },
  latencyCurveMs: Array.from({ length: 4 * STEPS_A_NINE + 1 }, (_, step) => 1.2 ** step),
};

/** One of which next to nothing is known. */
const EMPTY: SimulationResult = {
  ...RESULT,
  algorithm: "<none> & nothing",
  latencyMs: { mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0 },
  errorRate: 0,
  errors: NO_ERRORS,
  load: { requests: [0, 0, 0], meanInFlight: [0, 0, 0] },
  latencyCurveMs: [0],
};

const settings = (scenario: Partial<Scenario> = {}) => ({
  scenario: { ...CALM, ...scenario },
  backends: 200,
  policies: [],
  isJson: false,
  svg: undefined,
});

test("the table has one line an algorithm, numbers below one another", () => {
  expect(resultTable([RESULT, { ...EMPTY, algorithm: "x", errorRate: 1e-7 }], plain).split("\n")).toEqual([
    "algorithm        p50      p99    p99.9  requests max/mean  in flight max/mean    errors  retries  ejections",
    "round-robin  6.12 ms  62.0 ms  1235 ms               1.00               20.50   0.012 %    4,321          2",
    "x            0.00 ms  0.00 ms  0.00 ms               1.00               20.50  <0.001 %    4,321          2",
    "",
  ]);
});

test.each([
  [0.004, "0.00 ms"],
  [9.876, "9.88 ms"],
  [98.76, "98.8 ms"],
  [987.6, "988 ms"],
  [9_876, "9876 ms"],
  [98_765, "98.8 s"],
])("%d ms is written %s", (ms, text) => {
  expect(latencyText(ms)).toBe(text);
});

test("what was simulated is said in full, and what goes wrong only if it does", () => {
  expect(scenarioLines(settings())).toEqual([
    "200 backends: 4 requests at once, 10ms each (lognormal)",
    "10,000 requests a second for 60s, 12.5% of what the backends can do; seed 1",
  ]);
  const [, load, troubles] = scenarioLines(
    settings({ slowShare: 0.5, crashShare: 0.001, faultyShare: 0.1, errors: 0.5 }),
  );
  // Half of them can do a tenth: 55 % is left.
  expect(load).toContain("22.7% of what");
  expect(troubles).toBe(
    "100 are 10 times slower; 1 crashes every 60s, for 5s; 20 answer 50% of requests with 500",
  );
});

test("the JSON has the scenario and the results", () => {
  const text = resultsJson(settings(), [RESULT]);
  expect(JSON.parse(text)).toEqual({ scenario: { backends: 200, ...CALM }, results: [RESULT] });
});

test("the chart has a line for each algorithm in each plot, and all of it within the image", () => {
  const results = [
    RESULT,
    EMPTY,
    { ...RESULT, load: { requests: [1_000, ...new Array<number>(99).fill(0)], meanInFlight: [1] } },
    ...Array.from({ length: 9 }, (_, index) => ({ ...RESULT, algorithm: `a${index}` })),
  ];
  const svg = latencyAndLoadChart(settings({ slowShare: 0.5 }), results);
  const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
  const lines = [...svg.matchAll(/<polyline class="line-(\d+)" points="([^"]*)"\/>/g)];
  expect(lines.map(([, index]) => Number(index))).toEqual(
    [0, 1, 2].flatMap(() => results.map((_, index) => index)),
  );
  for (const [, , points = ""] of lines) {
    for (const point of points.split(" ")) {
      const [x = Number.NaN, y = Number.NaN] = point.split(",").map(Number);
      expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
    }
  }
  // Each has a colour or dashes of its own.
  const styles = [...svg.matchAll(/\.line-\d+ \{([^}]*)\}/g)].map(([, style]) => style);
  expect(new Set(styles).size).toBe(results.length);
});

test("the chart is well-formed, whatever it is told", () => {
  const svg = latencyAndLoadChart(settings(), [EMPTY, RESULT]);
  expect(svg).toContain("&lt;none> &amp; nothing");
  expect(svg).not.toContain("NaN");
  const open: string[] = [];
  for (const [, end, name = "", empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (end === "/") expect(open.pop()).toBe(name);
    else if (empty === "") open.push(name);
  }
  expect(open).toEqual([]);
});
