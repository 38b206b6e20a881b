import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Backend, Exclusion, State } from "../../src/core/backend.ts";
import { splitTraffic, type TierRules } from "../../src/core/tiers.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";

const STRICT: TierRules = { overprovisioning: 0, panicThreshold: 0 };
const SPILLING: TierRules = { overprovisioning: 1.4, panicThreshold: 0 };

/** One tier for each pair, with so many backends, of which so many are up and the others down. */
function tiersOf(...tiers: readonly (readonly [up: number, of: number])[]): Backend[] {
  return tiers.flatMap(([up, of], tier) =>
    Array.from({ length: of }, (_, index) => {
      const backend = new Backend(sampleSpec(index + tier * 256, 1, tier));
      backend.state = index < up ? State.up : State.down;
      return backend;
    }),
  );
}

/** The tiers that get traffic, with their parts in percent. */
function percents(members: readonly Backend[], rules: TierRules): [number, number][] {
  return splitTraffic(members, rules).shares.map(({ tier, share }) => [tier, Math.round(share * 1000) / 10]);
}

describe("without a factor", () => {
  test("the first tier that has anybody gets everything", () => {
    expect(percents(tiersOf([1, 10], [9, 9]), STRICT)).toEqual([[0, 100]]);
    expect(percents(tiersOf([0, 10], [1, 9], [5, 5]), STRICT)).toEqual([[1, 100]]);
    expect(percents(tiersOf([0, 10], [0, 9]), STRICT)).toEqual([]);
    expect(percents([], STRICT)).toEqual([]);
  });
});

describe("with Envoy's factor, its documented splits", () => {
  test.each([
    [100, 100, 0],
    [72, 100, 0],
    [71, 99.4, 0.6],
    [50, 70, 30],
    [25, 35, 65],
    [0, 0, 100],
  ])("%d %% of the first tier up, all of the second: %d and %d", (up, first, second) => {
    const expected = [
      [0, first],
      [1, second],
    ].filter(([, percent]) => percent !== 0);
    expect(percents(tiersOf([up, 100], [10, 10]), SPILLING)).toEqual(expected as [number, number][]);
  });

  test("what all can take is scaled up where it is not enough", () => {
    expect(percents(tiersOf([25, 100], [25, 100]), SPILLING)).toEqual([
      [0, 50],
      [1, 50],
    ]);
    expect(percents(tiersOf([10, 100], [0, 100], [30, 100]), SPILLING)).toEqual([
      [0, 25],
      [2, 75],
    ]);
  });

  test("it is weights that count, not heads", () => {
    const members = tiersOf([1, 2], [1, 1]);
    (members[0] as Backend).ownWeight = 9;
    expect(percents(members, SPILLING)).toEqual([[0, 100]]);
    (members[0] as Backend).ownWeight = 1;
    (members[1] as Backend).ownWeight = 9;
    expect(percents(members, SPILLING)).toEqual([
      [0, 14],
      [1, 86],
    ]);
  });
});

describe("panic", () => {
  const HALF: TierRules = { overprovisioning: 0, panicThreshold: 50 };
  const isPanic = (members: readonly Backend[], rules: TierRules) => splitTraffic(members, rules).isPanic;

  test("begins below the threshold, and then all get traffic", () => {
    expect(isPanic(tiersOf([2, 4]), HALF)).toBe(false);
    const members = tiersOf([1, 4]);
    expect(splitTraffic(members, HALF)).toEqual({
      shares: [{ tier: 0, backends: members, share: 1 }],
      isPanic: true,
    });
  });

  test("gives every tier its part by weight, and its backends stay together", () => {
    const members = tiersOf([1, 6], [0, 2]);
    expect(splitTraffic(members, HALF)).toEqual({
      shares: [
        { tier: 0, backends: members.slice(0, 6), share: 0.75 },
        { tier: 1, backends: members.slice(6), share: 0.25 },
      ],
      isPanic: true,
    });
  });

  test("does not begin where another tier can take it all, only where none can", () => {
    expect(isPanic(tiersOf([0, 20], [2, 2]), HALF)).toBe(false);
    expect(isPanic(tiersOf([0, 20], [5, 7]), HALF)).toBe(false);
    expect(isPanic(tiersOf([0, 20], [4, 7]), HALF)).toBe(true);
    expect(isPanic(tiersOf([0, 20], [5, 7]), { overprovisioning: 1, panicThreshold: 50 })).toBe(true);
  });

  test("does not begin where nobody is left to be spared", () => {
    expect(splitTraffic(tiersOf([0, 8]), HALF)).toEqual({ shares: [], isPanic: false });
  });

  test("by itself is for more than three backends", () => {
    const auto: TierRules = { overprovisioning: 0, panicThreshold: "auto" };
    expect(isPanic(tiersOf([1, 3]), auto)).toBe(false);
    expect(isPanic(tiersOf([1, 3]), HALF)).toBe(true);
    expect(isPanic(tiersOf([1, 4]), auto)).toBe(true);
    expect(isPanic(tiersOf([2, 4]), auto)).toBe(false);
  });

  test("leaves out those where nothing is gained, and does not count them", () => {
    for (const reason of [Exclusion.unreachable, Exclusion.draining, Exclusion.open]) {
      const members = tiersOf([1, 6]);
      const [up, ...others] = members as [Backend, ...Backend[]];
      for (const backend of others.slice(0, 3)) backend.exclude(reason);
      expect(splitTraffic(members, HALF).shares[0]?.backends).toEqual([up, ...others.slice(3)]);
      for (const backend of others.slice(0, 4)) backend.exclude(reason);
      expect(splitTraffic(members, HALF)).toEqual({
        shares: [{ tier: 0, backends: [up], share: 1 }],
        isPanic: false,
      });
    }
  });

  test("takes in those that traffic has ejected", () => {
    const members = tiersOf([5, 5]);
    for (const backend of members.slice(1)) backend.exclude(Exclusion.ejected);
    expect(splitTraffic(members, HALF).shares[0]?.backends).toEqual(members);
  });
});

const anyMembers = fc
  .array(
    fc.record({
      tier: fc.integer({ min: 0, max: 3 }),
      weight: fc.integer({ min: 1, max: 1000 }),
      state: fc.constantFrom(...Object.values(State)),
      excluded: fc.nat({ max: 15 }).map((bits) => (bits % 3 === 0 ? bits : 0)),
    }),
    { maxLength: 12 },
  )
  .map((specs) =>
    specs.map(({ tier, weight, state, excluded }, index) => {
      const backend = new Backend(sampleSpec(index, weight, tier));
      backend.state = state;
      backend.excluded = excluded;
      return backend;
    }),
  );

test("shares are whole together, in order, and only of those available, panic aside", () => {
  fc.assert(
    fc.property(
      anyMembers,
      fc.constantFrom(0, 1, 1.4, 3),
      fc.constantFrom<number | "auto">(0, 50, 100, "auto"),
      (members, overprovisioning, panicThreshold) => {
        const { shares, isPanic } = splitTraffic(members, { overprovisioning, panicThreshold });
        const available = members.filter((backend) => backend.available);
        expect(shares.length === 0).toBe(available.length === 0);
        if (shares.length === 0) return;
        expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
        const tiers = shares.map(({ tier }) => tier);
        expect(tiers).toEqual([...new Set(tiers)].sort((a, b) => a - b));
        for (const { tier, backends } of shares) {
          expect(backends.length).toBeGreaterThan(0);
          const own = available.filter((backend) => backend.tier === tier);
          if (isPanic) expect(backends).toEqual(expect.arrayContaining(own));
          else expect(backends).toEqual(own);
        }
        const all = shares.flatMap(({ backends }) => backends);
        if (isPanic) expect(all).toEqual(expect.arrayContaining(available));
      },
    ),
  );
});
