/** What pickers say beforehand of what they would pick. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { ALGORITHMS, type Algorithm, createPicker } from "../../../src/core/picking/index.ts";
import type { ForeseeablePicker } from "../../../src/core/picking/picker.ts";
import type { PickForecast } from "../../../src/core/picking/preview.ts";
import { type Random, seededRandom } from "../../../src/core/random.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";
import { isByChance } from "./chi-squared.ts";
import { Pool } from "./pool.ts";

const DETERMINISTIC: readonly Algorithm[] = ["round-robin", "least-connections", "first"];
const BY_CHANCE: readonly Algorithm[] = ["random", "power-of-two", "peak-ewma"];
const BY_KEY: readonly Algorithm[] = ["ip-hash", "uri-hash", "header:X-User", "cookie:sid"];

test("every algorithm is among those below", () => {
  const plain = [...DETERMINISTIC, ...BY_CHANCE, ...BY_KEY].filter((name) => !name.includes(":"));
  expect(plain.sort()).toEqual([...ALGORITHMS].sort());
});

/** A source of chance that tells how often it was drawn from. */
function countedRandom(seed: number): Random & { draws: number } {
  const random = seededRandom(seed);
  return {
    draws: 0,
    below(n) {
      this.draws += 1;
      return random.below(n);
    },
  };
}

function pickerOf(name: Algorithm, random: Random = seededRandom(1)): ForeseeablePicker {
  return createPicker(name, {}, random, (reason) => {
    throw new Error(reason);
  });
}

function certainOf({ prospects }: PickForecast): Backend | undefined {
  return prospects.find(({ chance }) => chance === 1)?.backend;
}

function totalOf({ prospects }: PickForecast): number {
  return prospects.reduce((sum, { chance }) => sum + chance, 0);
}

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });

/** What comes before a pick: requests that begin and end, backends that go out, and what is avoided. */
const step = fc.record({
  key: fc.constantFrom("", "ada", "bob", "eve"),
  ends: fc.boolean(),
  readyMask: fc.option(fc.integer({ min: 1, max: 255 }), { freq: 5, nil: undefined }),
  avoidMask: fc.oneof(fc.constant(0), fc.nat({ max: 255 })),
  latencyMs: fc.nat({ max: 500 }),
});

/** Plays steps on a picker, and gives each pick with the forecast of it. */
function play(
  picker: ForeseeablePicker,
  weights: readonly number[],
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  look: (forecast: PickForecast, pick: () => Backend, ready: readonly Backend[]) => void,
): void {
  const members = upBackends(weights);
  const pool = new Pool(picker, members);
  let ready: readonly Backend[] = members;
  const masked = (mask: number) => members.filter((_, index) => (mask & (1 << index)) !== 0);
  for (const { key, ends, readyMask, avoidMask, latencyMs } of steps) {
    pool.nowMs += latencyMs;
    const wanted = readyMask === undefined ? ready : masked(readyMask);
    if (wanted !== ready && wanted.length > 0) {
      ready = wanted;
      pool.become(ready, members);
    }
    if (ends) {
      const ended = pool.endOldest();
      if (ended !== undefined) pool.answers(ended, latencyMs);
    }
    const avoid = masked(avoidMask);
    look(picker.preview().next(key, pool.nowMs, avoid), () => pool.request(key, avoid), ready);
  }
}

const steps = fc.array(step, { minLength: 1, maxLength: 40 });

describe.each(DETERMINISTIC)("a forecast of %s", (name) => {
  test("is the pick that follows", () => {
    fc.assert(
      fc.property(weights, steps, (weights, steps) => {
        play(pickerOf(name), weights, steps, (forecast, pick, ready) => {
          expect(new Set(forecast.prospects.map(({ backend }) => backend))).toEqual(new Set(ready));
          expect(totalOf(forecast)).toBe(1);
          expect(certainOf(forecast)).toBe(pick());
        });
      }),
    );
  });

  test("goes on to the picks after that one", () => {
    fc.assert(
      fc.property(
        weights,
        fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 30 }),
        (weights, masks) => {
          const members = upBackends(weights);
          const pool = new Pool(pickerOf(name), members);
          const preview = pool.picker.preview?.();
          const avoids = masks.map((mask) => members.filter((_, index) => (mask & (1 << index)) !== 0));
          const foreseen = avoids.map((avoid) => certainOf(preview?.next("", 0, avoid) as PickForecast));
          expect(avoids.map((avoid) => pool.picker.pick("", 0, avoid))).toEqual(foreseen as Backend[]);
        },
      ),
    );
  });
});

describe.each(BY_KEY)("a forecast of %s", (name) => {
  test("is the pick that follows, wherever it is certain", () => {
    fc.assert(
      fc.property(weights, steps, (weights, steps) => {
        play(pickerOf(name), weights, steps, (forecast, pick) => {
          expect(totalOf(forecast)).toBeCloseTo(1, 9);
          const certain = certainOf(forecast);
          const picked = pick();
          if (certain !== undefined) expect(picked).toBe(certain);
          else
            expect(forecast.prospects.find(({ backend }) => backend === picked)?.chance).toBeGreaterThan(0);
        });
      }),
      { numRuns: 30 },
    );
  });

  test("is certain for a key while there is room", () => {
    const members = upBackends([1, 1, 1]);
    const picker = pickerOf(name);
    picker.rebuild(members, members);
    for (let key = 0; key < 50; key++) {
      const forecast = picker.preview().next(`key ${key}`, 0, []);
      expect(certainOf(forecast)).toBe(picker.pick(`key ${key}`, 0, []));
    }
  });
});

describe.each([...BY_CHANCE, ...BY_KEY])("the chances of %s", (name) => {
  test.each([
    ["none is busy", [0, 0, 0, 0], [], ""],
    ["all differ", [6, 1, 3, 2], [], ""],
    ["some are alike", [2, 2, 8, 0], [], ""],
    ["one is to be avoided", [2, 1, 8, 0], [3], ""],
    ["all but one are", [2, 1, 8, 0], [0, 1, 3], ""],
    ["all are", [2, 1, 8, 0], [0, 1, 2, 3], ""],
    ["there is a key whose way is crowded", [300, 1, 1, 0], [], "crowd"],
  ] as const)("are those of its picks where %s", (_, inFlight, avoided, key) => {
    const members = upBackends([4, 2, 3, 1]);
    for (const [index, backend] of members.entries()) backend.inFlight = inFlight[index] as number;
    const picker = pickerOf(name, seededRandom(7));
    picker.rebuild(members, members);
    const avoid = avoided.map((index) => members[index] as Backend);
    const forecast = picker.preview().next(key, 0, avoid);
    expect(totalOf(forecast)).toBeCloseTo(1, 9);
    const counts = countPicks(
      members,
      Array.from({ length: 20_000 }, () => picker.pick(key, 0, avoid)),
    );
    const chances = members.map(
      (member) => forecast.prospects.find(({ backend }) => backend === member)?.chance ?? 0,
    );
    for (const [index, chance] of chances.entries()) {
      if (chance === 0) expect(counts[index]).toBe(0);
      if (chance === 1) expect(counts[index]).toBe(20_000);
    }
    const possible = members.map((_, index) => index).filter((index) => (chances[index] as number) > 0);
    if (possible.length < 2) return;
    expect(
      isByChance(
        possible.map((index) => counts[index] as number),
        possible.map((index) => chances[index] as number),
      ),
    ).toBe(true);
  });
});

test("a key whose way is crowded, where nearly all are out, is scattered as its chances say", () => {
  const members = upBackends([1000, 1000, 1000, 4, 1, 1]);
  const ready = members.slice(3);
  (ready[0] as Backend).inFlight = 10;
  const picker = pickerOf("ip-hash", seededRandom(5));
  picker.rebuild(ready, members);
  const chancesOf = (key: string) =>
    picker
      .preview()
      .next(key, 0, [])
      .prospects.map(({ chance }) => chance);
  const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
  const scattered = keys.filter((key) => !chancesOf(key).includes(1));
  expect(scattered.length).toBeGreaterThan(3);
  for (const key of scattered.slice(0, 3)) {
    const [busy, ...others] = chancesOf(key);
    expect(busy).toBe(0);
    const picks = Array.from({ length: 5_000 }, () => picker.pick(key, 0, []));
    expect(isByChance(countPicks(ready.slice(1), picks), others)).toBe(true);
    const told = picker.preview().next(key, 0, []).prospects.slice(1);
    for (const { reason } of told) expect(reason).toBe("by chance, since all on the key's way are too busy");
  }
});

test("two of a thousand are weighed against each other as they are by looking at all pairs", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), load: fc.nat({ max: 4 }) }), {
        minLength: 2,
        maxLength: 12,
      }),
      (sample) => {
        const members = upBackends(sample.map(({ weight }) => weight));
        for (const [index, { load, weight }] of sample.entries()) {
          (members[index] as Backend).inFlight = load * weight;
        }
        const picker = pickerOf("power-of-two");
        picker.rebuild(members, members);
        const total = sample.reduce((sum, { weight }) => sum + weight, 0);
        const expected = sample.map(() => 0);
        for (const [first, one] of sample.entries()) {
          for (const [second, other] of sample.entries()) {
            if (first === second) continue;
            const taken = other.load < one.load ? second : first;
            const chance = (one.weight / total) * (other.weight / (total - one.weight));
            expected[taken] = (expected[taken] as number) + chance;
          }
        }
        const { prospects } = picker.preview().next("", 0, []);
        for (const [index, { chance }] of prospects.entries()) {
          expect(chance).toBeCloseTo(expected[index] as number, 9);
        }
      },
    ),
  );
});

describe.each([...DETERMINISTIC, ...BY_CHANCE, ...BY_KEY])("looking ahead with %s", (name) => {
  test("changes nothing, and draws no chance", () => {
    fc.assert(
      fc.property(weights, steps, fc.integer(), (weights, steps, seed) => {
        const picksOf = (looks: number) => {
          const random = countedRandom(seed);
          const picks: string[] = [];
          const picker = pickerOf(name, random);
          play(picker, weights, steps, (_forecast, pick) => {
            const drawn = random.draws;
            const preview = picker.preview();
            for (let look = 0; look < looks; look++) preview.next(look % 2 === 0 ? "" : "ada", 5, []);
            expect(random.draws).toBe(drawn);
            picks.push(pick().id);
          });
          return picks;
        };
        expect(picksOf(0)).toEqual(picksOf(7));
      }),
      { numRuns: BY_KEY.includes(name) ? 5 : 50 },
    );
  });
});
