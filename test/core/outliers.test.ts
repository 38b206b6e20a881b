import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Backend, Exclusion } from "../../src/core/backend.ts";
import { Ejection } from "../../src/core/ejection.ts";
import type { StateChange } from "../../src/core/health.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { failureOutliers, type OutlierRules, successRateOutliers } from "../../src/core/outliers.ts";
import { upBackends } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RULES: OutlierRules = {
  successRateDeviation: 1.9,
  successRateMinHosts: 5,
  successRateMinRequests: 100,
  failurePercent: 85,
  failureMinHosts: 5,
  failureMinRequests: 50,
};

/** Backends that had these failures out of so many requests. */
function sampled(counts: readonly (readonly [failures: number, requests: number])[]): Backend[] {
  return upBackends(counts.map(() => 1)).map((backend, index) => {
    const [failures, requests] = counts[index] as readonly [number, number];
    backend.sampledFailures = failures;
    backend.sampledRequests = requests;
    return backend;
  });
}

const indexes = (members: readonly Backend[], outliers: readonly { readonly backend: Backend }[]) =>
  outliers.map(({ backend }) => members.indexOf(backend));

describe("success rate", () => {
  // Mean 94 %, deviation 12 %: the least is 71.2 %.
  const five = [
    [0, 100],
    [0, 100],
    [0, 100],
    [0, 100],
    [30, 100],
  ] as const;

  test("finds the one far below the mean", () => {
    const members = sampled(five);
    const found = successRateOutliers(members, RULES);
    expect(indexes(members, found)).toEqual([4]);
    expect(found[0]?.reason).toBe("success rate of 70.0 %, less than 71.2 %");
  });

  test("needs enough backends with enough requests", () => {
    expect(successRateOutliers(sampled(five.slice(1)), RULES)).toEqual([]);
    expect(successRateOutliers(sampled([[0, 99], ...five.slice(1)]), RULES)).toEqual([]);
    expect(successRateOutliers(sampled([]), { ...RULES, successRateMinHosts: 0 })).toEqual([]);
  });

  test("passes over those that are ejected already, which makes them too few here", () => {
    const members = sampled(five);
    (members[0] as Backend).exclude(Exclusion.ejected);
    expect(successRateOutliers(members, RULES)).toEqual([]);
  });

  test("0 turns it off", () => {
    expect(successRateOutliers(sampled(five), { ...RULES, successRateDeviation: 0 })).toEqual([]);
  });

  test("never finds all, none if all fail alike, and always those below what it says is the least", () => {
    const count = fc
      .tuple(fc.nat({ max: 1000 }), fc.integer({ min: 100, max: 1000 }))
      .map(([failures, requests]) => [Math.min(failures, requests), requests] as const);
    fc.assert(
      fc.property(
        fc.array(count, { minLength: 5, maxLength: 20 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (counts, successRateDeviation) => {
          const rules = { ...RULES, successRateDeviation };
          const members = sampled(counts);
          const rates = counts.map(([failures, requests]) => 100 - (100 * failures) / requests);
          const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
          const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length);
          const found = indexes(members, successRateOutliers(members, rules));
          expect(found.length).toBeLessThan(members.length);
          for (const [index, rate] of rates.entries()) {
            const distance = mean - rate - successRateDeviation * spread;
            // On the very line, the order of the sums decides.
            if (Math.abs(distance) > 1e-9)
              expect([index, found.includes(index)]).toEqual([index, distance > 0]);
          }
          const worstFirst = found.map((index) => rates[index] as number);
          expect(worstFirst).toEqual([...worstFirst].sort((a, b) => a - b));
          const alike = sampled(counts.map(() => counts[0] as readonly [number, number]));
          expect(successRateOutliers(alike, rules)).toEqual([]);
        },
      ),
    );
  });
});

describe("failure percentage", () => {
  const five = [
    [0, 50],
    [42, 50],
    [43, 50],
    [50, 50],
    [0, 50],
  ] as const;

  test("finds those at or above it, the worst first", () => {
    const members = sampled(five);
    const found = failureOutliers(members, RULES);
    expect(indexes(members, found)).toEqual([3, 2]);
    expect(found.map(({ reason }) => reason)).toEqual([
      "100.0 % of 50 requests failed",
      "86.0 % of 50 requests failed",
    ]);
  });

  test("needs enough backends with enough requests, and 0 turns it off", () => {
    expect(failureOutliers(sampled(five.slice(1)), RULES)).toEqual([]);
    expect(failureOutliers(sampled([[0, 49], ...five.slice(1)]), RULES)).toEqual([]);
    expect(failureOutliers(sampled(five), { ...RULES, failurePercent: 0 })).toEqual([]);
  });
});

describe("the sweep", () => {
  function setUp(rules: Partial<OutlierRules>) {
    const clock = new VirtualClock();
    const members = upBackends([1, 1, 1, 1, 1, 1]);
    const changes: StateChange[] = [];
    const ejection = new Ejection(
      {
        ...RULES,
        consecutiveGatewayFailures: 0,
        consecutive5xx: 0,
        intervalMs: 10_000,
        ejectionMs: 30_000,
        maxEjectionMs: 300_000,
        maxEjectedPercent: 20,
        ...rules,
      },
      clock,
      () => members,
      (change) => changes.push(change),
    );
    const traffic = (failures: readonly number[], requests = 100) => {
      for (const [index, count] of failures.entries()) {
        for (let request = 0; request < requests; request++) {
          const outcome = request < count ? Outcome.serverError : Outcome.ok;
          ejection.observe(members[index] as Backend, outcome, clock.nowMs());
        }
      }
    };
    return { clock, members, changes, traffic };
  }

  test("compares once an interval, and counts from nothing in the next", () => {
    const { clock, members, changes, traffic } = setUp({ failurePercent: 0 });
    traffic([0, 0, 0, 0, 0, 60]);
    clock.advance(9_999);
    expect(changes).toEqual([]);
    clock.advance(1);
    expect(changes.map(({ backend, state }) => [members.indexOf(backend), state])).toEqual([[5, "ejected"]]);
    expect(members.map(({ sampledRequests }) => sampledRequests)).toEqual([0, 0, 0, 0, 0, 0]);
    traffic([0, 0, 0, 0, 0], 99);
    clock.advance(10_000);
    expect(changes).toHaveLength(1);
  });

  test("ejects the worst where not all may be", () => {
    const { clock, members, changes, traffic } = setUp({ successRateDeviation: 0 });
    traffic([90, 95, 0, 0, 99, 0]);
    clock.advance(10_000);
    expect(changes.map(({ backend }) => members.indexOf(backend))).toEqual([4]);
  });

  test("runs while there is traffic, and not at all where backends are not compared", () => {
    const idle = setUp({});
    idle.traffic([0]);
    expect(idle.clock.pending).toBe(1);
    idle.traffic([0, 0, 0]);
    expect(idle.clock.pending).toBe(1);
    idle.clock.advance(60_000);
    expect(idle.clock.pending).toBe(0);
    const off = setUp({ successRateDeviation: 0, failurePercent: 0 });
    off.traffic([0, 100, 50]);
    expect(off.clock.pending).toBe(0);
  });
});
