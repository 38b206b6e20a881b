import { describe, expect, test } from "bun:test";
import { ADAPTIVE_CONCURRENCY_DEFAULTS } from "../../src/config/adaptive-concurrency.ts";
import type { ConcurrencyRules } from "../../src/core/concurrency-limit.ts";
import type { ModelledServer } from "../../src/simulation/modelled-server.ts";
import { SOUND } from "../../src/simulation/modelled-server.ts";
import { CALM, type Scenario } from "../../src/simulation/scenario.ts";
import { Simulation } from "../../src/simulation/simulation.ts";
import { samplePolicy } from "./sample-policy.ts";

const RULES: ConcurrencyRules = ADAPTIVE_CONCURRENCY_DEFAULTS;

/** What servers with so many workers, each taking 10 ms, do a second. */
const capacity = (workers: number) => workers * 100;

interface Ride extends Partial<Scenario> {
  readonly workers: number;
  /** How much clients ask for, of what the servers can do. */
  readonly load: number;
  readonly backends?: number;
  readonly adaptiveConcurrency?: ConcurrencyRules | false;
}

/** A simulation that can be let run until a moment, and looked at. */
function begun({ workers, load, backends = 1, adaptiveConcurrency = RULES, ...scenario }: Ride) {
  const policy = samplePolicy({
    backends,
    adaptiveConcurrency,
    checkIntervalMs: undefined,
    outlierDetection: false,
    retry: { retries: 0, retryOn: [] },
    timeoutMs: 10_000,
  });
  const simulation = new Simulation(policy, {
    ...CALM,
    durationMs: 60_000,
    serviceMs: 10,
    concurrency: workers,
    requestsPerSecond: Math.round(load * backends * capacity(workers)),
    ...scenario,
  });
  const startMs = simulation.time.nowMs();
  const limit = () => simulation.balancer.pool.members[0]?.concurrency?.limit ?? Number.NaN;
  /** Until so long after the start; gives all limits met on the way, in ascending order, by the tenth of a second. */
  const passes = (untilMs: number) => {
    const limits: number[] = [];
    for (let atMs = simulation.time.nowMs(); atMs - startMs < untilMs; atMs = simulation.time.nowMs()) {
      if (!simulation.step()) break;
      if (Math.floor(atMs / 100) !== Math.floor(simulation.time.nowMs() / 100)) limits.push(limit());
    }
    return limits.sort((a, b) => a - b);
  };
  const server = simulation.servers[0] as ModelledServer;
  /** What its clients were given, of what the servers could have done in the whole time. */
  const use = () => {
    const { measurements } = simulation;
    const answered = measurements.latency.count - measurements.errors("noBackend");
    return answered / (((simulation.time.nowMs() - startMs) / 1_000) * backends * capacity(workers));
  };
  return { simulation, server, passes, limit, use };
}

const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] as number;

/** Room for the root of the limit, which a short queue takes up, is much where there are few workers. */
const mostFor = (workers: number) => 2 * workers + 8;

describe.each([1, 2, 4, 10, 30, 100])(
  "%d workers that are asked for twice to ten times as much",
  (workers) => {
    test.each([
      ["constant", 2],
      ["exponential", 10],
      ["lognormal", 2],
      ["lognormal", 10],
    ] as const)("%s, ×%d: the limit is near them, and they are kept busy", (distribution, load) => {
      // Few workers give few answers to go by.
      const durationMs = workers < 10 ? 180_000 : 60_000;
      const { passes, use } = begun({ workers, load, distribution, durationMs });
      passes(durationMs / 2);
      const limits = passes(durationMs);
      expect(middle(limits)).toBeWithin(workers, mostFor(workers));
      expect(use()).toBeGreaterThan(0.93);
    });
  },
);

test("an overload is answered as quickly after ten minutes as after one", () => {
  const { passes } = begun({ workers: 10, load: 3, durationMs: 600_000 });
  passes(30_000);
  const early = middle(passes(60_000));
  const late = middle(passes(600_000));
  expect(late / early).toBeWithin(0.75, 1.34);
});

test("the latency in an overload is bounded, where without a limit it is the time-out", () => {
  const p99Ms = (adaptiveConcurrency: ConcurrencyRules | false) => {
    const { simulation, passes } = begun({ workers: 10, load: 2, adaptiveConcurrency });
    passes(80_000);
    return simulation.measurements.latency.quantileMs(0.99);
  };
  expect(p99Ms(false)).toBeGreaterThan(9_000);
  // The hundredth part of the service times alone is at 62 ms.
  expect(p99Ms(RULES)).toBeLessThan(100);
});

test("nothing is lost at half of what the servers can do", () => {
  for (const distribution of ["constant", "exponential", "lognormal"] as const) {
    const { simulation, passes } = begun({ workers: 10, load: 0.5, distribution, durationMs: 180_000 });
    passes(180_000);
    const { measurements, arrived } = simulation;
    expect(measurements.errors("noBackend") / arrived).toBeLessThan(0.001);
  }
});

test("a server that gets three times slower, and quick again, is followed there and back", () => {
  const { server, passes, use } = begun({ workers: 20, load: 1.5, durationMs: 240_000 });
  passes(40_000);
  const before = middle(passes(60_000));
  server.conditions = { ...SOUND, slowness: 3 };
  // Its workers are as many as before, and what they take is just longer.
  passes(100_000);
  const slow = middle(passes(140_000));
  expect(slow).toBeWithin(20, mostFor(20));
  server.conditions = SOUND;
  passes(180_000);
  const after = middle(passes(240_000));
  expect(after / before).toBeWithin(0.7, 1.5);
  // A third of it for a third of the time.
  expect(use()).toBeGreaterThan(0.65);
});

test("one slow backend of five does not take the others along", () => {
  const { simulation, server, passes } = begun({ workers: 10, backends: 5, load: 0.6, durationMs: 60_000 });
  server.conditions = { ...SOUND, slowness: 20 };
  passes(60_000);
  const { measurements, arrived } = simulation;
  // While all are measured for the first time.
  expect(measurements.errors("noBackend") / arrived).toBeLessThan(0.001);
  expect(measurements.errors("timedOut") / arrived).toBeLessThan(0.001);
  // It can do a twentieth; by turns it would have to take a fifth.
  expect(simulation.load.requests[0]).toBeLessThan(0.05 * arrived);
});

test("times with heavy tails do not make it collapse", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { passes, use } = begun({ workers: 50, load: 0.9, seed, durationMs: 120_000 });
    passes(20_000);
    const limits = passes(120_000);
    // Below the number of workers it is only for as long as it is measured.
    const belowShare = limits.filter((limit) => limit < 50).length / limits.length;
    expect(belowShare).toBeLessThan(0.05);
    expect(use()).toBeGreaterThan(0.86);
  }
});

test("an hour with next to nothing to do does not inflate it", () => {
  const { passes } = begun({ workers: 10, load: 0.01, durationMs: 3_600_000 });
  const limits = passes(3_600_000);
  expect([limits[0], limits.at(-1)]).toEqual([RULES.initialLimit, RULES.initialLimit]);
});

test("a server that answers 503 to half of what comes gets less", () => {
  const { server, passes } = begun({ workers: 10, load: 3 });
  passes(20_000);
  const before = middle(passes(30_000));
  server.conditions = { ...SOUND, unavailable: 0.5 };
  passes(40_000);
  expect(middle(passes(60_000))).toBeLessThan(before);
});

test("the same seed is the same run", () => {
  const limits = () => begun({ workers: 10, load: 1.2, durationMs: 20_000 }).passes(20_000);
  expect(limits()).toEqual(limits());
});
