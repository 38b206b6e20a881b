/** What a pool says beforehand of the backend that it would choose, whoever is full and whatever tiers there are. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Backend, State } from "../../../src/core/backend.ts";
import { forecastPick } from "../../../src/core/explanation/pool-forecast.ts";
import { type Algorithm, createPicker } from "../../../src/core/picking/index.ts";
import { Pool } from "../../../src/core/pool.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { countPicks, sampleSpec } from "../../simulation/sample-backends.ts";
import { isByChance } from "../picking/chi-squared.ts";

const sample = fc.array(
  fc.record({
    weight: fc.integer({ min: 1, max: 5 }),
    tier: fc.nat({ max: 2 }),
    maxInFlight: fc.nat({ max: 3 }),
    isDown: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);
type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never;

function poolOf(algorithm: Algorithm, backends: Sample, overprovisioning: number, seed = 1): Pool {
  const specs = backends.map(({ weight, tier, maxInFlight }, index) => {
    return { ...sampleSpec(index, weight, tier), maxInFlight };
  });
  const random = seededRandom(seed);
  const makePicker = () => createPicker(algorithm, {}, random, (reason) => expect(reason).toBe(""));
  const pool = new Pool(specs, makePicker, { overprovisioning });
  for (const [index, { isDown }] of backends.entries()) {
    (pool.members[index] as Backend).state = isDown ? State.down : State.up;
  }
  pool.refresh();
  return pool;
}

/** Begins an exchange, or ends one, as a balancer would. */
function change(pool: Pool, backend: Backend, by: 1 | -1): void {
  backend.inFlight += by;
  if (by > 0) pool.begun(backend);
  else pool.ended(backend);
  pool.room.update(backend);
}

const ALGORITHMS = ["round-robin", "least-connections", "first", "ip-hash", "random", "peak-ewma"] as const;

test.each(ALGORITHMS)(
  "%s: what is certain is what is picked, and what is picked was possible",
  (algorithm) => {
    const isByKey = algorithm === "ip-hash";
    fc.assert(
      fc.property(
        sample,
        fc.constantFrom(0, 1.4),
        fc.array(fc.record({ key: fc.constantFrom("", "ada", "bob"), ends: fc.nat({ max: 30 }) }), {
          minLength: 1,
          maxLength: 30,
        }),
        (backends, overprovisioning, requests) => {
          const pool = poolOf(algorithm, backends, overprovisioning);
          const underWay: Backend[] = [];
          for (const { key, ends } of requests) {
            const [ended] = ends < underWay.length ? underWay.splice(ends, 1) : [];
            if (ended !== undefined) change(pool, ended, -1);
            const { prospects, isKnown } = forecastPick(pool, key, 0);
            const picked = pool.pick(key, undefined, 0);
            const chances = [...prospects.values()].map(({ chance }) => chance);
            const total = chances.reduce((sum, chance) => sum + chance, 0);
            expect(isKnown).toBe(true);
            if (picked === undefined) {
              expect(total).toBe(0);
              continue;
            }
            expect(total).toBeCloseTo(1, 9);
            if (!isByKey || key !== "") expect(prospects.get(picked)?.chance).toBeGreaterThan(0);
            const isCertain = algorithm === "random" || algorithm === "peak-ewma" || (isByKey && key === "");
            if (!isCertain) expect(prospects.get(picked)?.chance).toBe(1);
            underWay.push(picked);
            change(pool, picked, 1);
          }
        },
      ),
      { numRuns: isByKey ? 30 : 150 },
    );
  },
);

test("with few that are full the chances are exact", () => {
  const backends = [4, 3, 2, 1].map((weight, index) => {
    return { weight, tier: 0, maxInFlight: index < 2 ? 1 : 0, isDown: false };
  });
  for (const algorithm of ["random", "power-of-two"] as const) {
    const pool = poolOf(algorithm, backends, 0, 3);
    for (const backend of pool.members.slice(0, 2)) change(pool, backend, 1);
    const { prospects } = forecastPick(pool, "", 0);
    const picks = Array.from({ length: 20_000 }, () => pool.pick("", undefined, 0) as Backend);
    const roomy = pool.members.slice(2);
    const chances = roomy.map((backend) => prospects.get(backend)?.chance ?? 0);
    expect(isByChance(countPicks(roomy, picks), chances)).toBe(true);
  }
});

test("where it is up to chance among many that are full, nobody can say", () => {
  const backends = Array.from({ length: 60 }, (_, index) => {
    return { weight: 1, tier: 0, maxInFlight: index < 50 ? 1 : 0, isDown: false };
  });
  const pool = poolOf("random", backends, 0);
  for (const backend of pool.members.slice(0, 50)) change(pool, backend, 1);
  expect(forecastPick(pool, "", 0).isKnown).toBe(false);
});

test("a backend whose turn it is after others that are full says so", () => {
  const backends = [1, 1, 1, 1, 1].map((weight, index) => {
    return { weight, tier: 0, maxInFlight: index < 4 ? 1 : 0, isDown: false };
  });
  const pool = poolOf("first", backends, 0);
  for (const backend of pool.members.slice(0, 4)) change(pool, backend, 1);
  const { prospects } = forecastPick(pool, "", 0);
  expect(prospects.get(pool.members[4] as Backend)).toMatchObject({
    chance: 1,
    score: "place 5",
    reason: "its turn among those that have room, after 3 draws met none",
  });
  expect(pool.pick("", undefined, 0)).toBe(pool.members[4] as Backend);
});

test("says which tier has its turn, and what part each has", () => {
  const backends = [0, 0, 0, 1].map((tier, index) => ({
    weight: 1,
    tier,
    maxInFlight: 0,
    isDown: index > 0 && index < 3,
  }));
  const pool = poolOf("round-robin", backends, 1.4);
  const tiers: (number | undefined)[] = [];
  for (let request = 0; request < 15; request++) {
    const { tier, shares, prospects } = forecastPick(pool, "", 0);
    expect(shares.map((share) => [share.tier, Math.round(share.share * 100)])).toEqual([
      [0, 47],
      [1, 53],
    ]);
    tiers.push(tier);
    const picked = pool.pick("", undefined, 0) as Backend;
    expect(picked.tier).toBe(tier as number);
    expect(prospects.get(picked)?.chance).toBe(1);
  }
  expect(new Set(tiers)).toEqual(new Set([0, 1]));
});

test("an empty pool has no tier and no prospects", () => {
  const pool = poolOf("round-robin", [{ weight: 1, tier: 0, maxInFlight: 0, isDown: true }], 0);
  expect(forecastPick(pool, "", 0)).toEqual({
    rule: "",
    tier: undefined,
    shares: [],
    isKnown: true,
    prospects: new Map(),
  });
});
