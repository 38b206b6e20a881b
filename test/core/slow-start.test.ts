import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { SlowStartRules } from "../../src/core/slow-start.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RULES: SlowStartRules = { windowMs: 60_000, aggression: 1, minWeightPercent: 10 };

function setUp(weights: readonly number[], rules: Partial<SlowStartRules> = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer(
    {
      backends: weights.map((weight, index) => sampleSpec(index, weight)),
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries: 0, retryOn: [] },
      slowStart: { ...RULES, ...rules },
    },
    clock,
    seededRandom(1),
    () => {},
  );
  const check = (index: number, passed: boolean) => {
    const backend = balancer.pool.members[index] as Backend;
    balancer.health.checked(backend, passed, "", clock.nowMs());
  };
  const weightsNow = () => balancer.pool.members.map(({ weight }) => weight);
  /** How many of so many requests each gets now. */
  const counts = (requests: number) => {
    const counted = balancer.pool.members.map(() => 0);
    for (let count = 0; count < requests; count++) {
      const index = balancer.pool.members.indexOf(balancer.pick("", undefined, clock.nowMs()) as Backend);
      counted[index] = (counted[index] as number) + 1;
    }
    return counted;
  };
  return { clock, balancer, check, weightsNow, counts };
}

describe("never at the start", () => {
  test("neither unchecked nor at the first good check", () => {
    const { clock, check, weightsNow } = setUp([1, 3]);
    expect(weightsNow()).toEqual([1, 3]);
    clock.advance(10);
    check(0, true);
    check(1, true);
    expect(weightsNow()).toEqual([1, 3]);
    expect(clock.pending).toBe(0);
  });
});

describe("a backend that comes back", () => {
  test("rises to its own weight in a straight line, and the others keep their proportions", () => {
    const { clock, check, weightsNow, balancer } = setUp([1, 2, 1]);
    check(0, false);
    clock.advance(5_000);
    check(0, true);
    const seen: (number | undefined)[] = [];
    for (let second = 0; second < 60; second += 6) {
      seen.push(weightsNow()[0]);
      expect(weightsNow().slice(1)).toEqual([200, 100]);
      clock.advance(6_000);
    }
    expect(seen).toEqual([10, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(weightsNow()).toEqual([1, 2, 1]);
    expect(clock.pending).toBe(0);
    expect(balancer.status().map(({ weight }) => weight)).toEqual([1, 2, 1]);
  });

  test("gets its part of the requests, whatever the picker, by the weight of the moment", () => {
    const { clock, check, counts } = setUp([1, 1]);
    check(0, false);
    check(0, true);
    expect(counts(110)).toEqual([10, 100]);
    clock.advance(30_000);
    expect(counts(150)).toEqual([50, 100]);
    clock.advance(30_000);
    expect(counts(100)).toEqual([50, 50]);
  });

  test("and goes out again on the way begins anew", () => {
    const { clock, check, weightsNow } = setUp([1, 1]);
    check(0, false);
    check(0, true);
    clock.advance(45_000);
    check(0, false);
    expect(weightsNow()[1]).toBe(1);
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
    check(0, true);
    expect(weightsNow()).toEqual([10, 100]);
  });

  test("is weighed as Envoy does it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 2_000, max: 600_000 }),
        fc.integer({ min: 0, max: 990 }),
        (weight, aggression, minWeightPercent, windowMs, permille) => {
          const { clock, check, weightsNow, balancer } = setUp([weight, 1], {
            aggression,
            minWeightPercent,
            windowMs,
          });
          check(0, false);
          check(0, true);
          const waitMs = Math.floor((windowMs * permille) / 1000);
          clock.advance(waitMs);
          balancer.pool.refresh();
          const part = Math.max(minWeightPercent / 100, (waitMs / windowMs) ** (1 / aggression));
          if (part >= 1) return;
          expect(
            Math.abs((weightsNow()[0] as number) - Math.max(1, 100 * weight * part)),
          ).toBeLessThanOrEqual(0.51);
        },
      ),
    );
  });
});

describe("a backend that is added", () => {
  test("rises as well, once, whether it is checked already or not", () => {
    const { clock, balancer, check, weightsNow } = setUp([1]);
    balancer.setBackends([sampleSpec(0), sampleSpec(1)]);
    expect(weightsNow()).toEqual([100, 10]);
    clock.advance(30_000);
    check(1, true);
    expect(weightsNow()).toEqual([100, 50]);
    balancer.setBackends([sampleSpec(0), sampleSpec(1, 4)]);
    expect(weightsNow()).toEqual([100, 200]);
    clock.advance(30_000);
    expect(weightsNow()).toEqual([1, 4]);
  });

  test("and taken away leaves no timer for long", () => {
    const { clock, balancer, weightsNow } = setUp([1]);
    balancer.setBackends([sampleSpec(0), sampleSpec(1)]);
    balancer.setBackends([sampleSpec(0)]);
    expect(weightsNow()).toEqual([1]);
    clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });
});

test("a standby tier that takes over has its whole weight: it was there all the time", () => {
  const { clock, balancer, check } = setUp([1]);
  balancer.setBackends([sampleSpec(0), sampleSpec(1, 2, 1)]);
  clock.advance(60_000);
  check(0, false);
  expect(balancer.pool.ready.map(({ weight }) => weight)).toEqual([2]);
});
