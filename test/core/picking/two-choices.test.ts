import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { observeSilence } from "../../../src/core/load.ts";
import { peakEwma } from "../../../src/core/picking/peak-ewma.ts";
import { powerOfTwo } from "../../../src/core/picking/power-of-two.ts";
import { type Random, seededRandom } from "../../../src/core/random.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";
import { isByChance } from "./chi-squared.ts";
import { Pool } from "./pool.ts";

const loads = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), inFlight: fc.nat({ max: 20 }) }), {
  minLength: 2,
  maxLength: 8,
});

/** A generator, and the numbers that it gave last. */
function recorded(seed: number): { readonly random: Random; readonly taken: number[] } {
  const source = seededRandom(seed);
  const taken: number[] = [];
  return {
    taken,
    random: {
      below(n) {
        taken.push(source.below(n));
        return taken.at(-1) as number;
      },
    },
  };
}

/** Who the points of the line belong to. */
function lineOf(members: readonly Backend[]): Backend[] {
  return members.flatMap((backend) => new Array<Backend>(backend.weight).fill(backend));
}

test("power-of-two takes the better of the two that it drew, and these differ", () => {
  fc.assert(
    fc.property(loads, fc.integer(), (loads, seed) => {
      const members = upBackends(loads.map(({ weight }) => weight));
      for (const [index, { inFlight }] of loads.entries()) (members[index] as Backend).inFlight = inFlight;
      const { random, taken } = recorded(seed);
      const picker = powerOfTwo(random);
      picker.rebuild(members, members);
      const picked = picker.pick("", 0, []);
      const [first, second] = taken as [number, number];
      const one = lineOf(members)[first] as Backend;
      const other = lineOf(members.filter((backend) => backend !== one))[second] as Backend;
      const cost = ({ inFlight, weight }: Backend) => inFlight / weight;
      expect(taken).toHaveLength(2);
      expect(picked).toBe(cost(other) < cost(one) ? other : one);
    }),
  );
});

test.each([1, 2, 3])("power-of-two, seed %d: at equal loads every backend alike", (seed) => {
  const members = upBackends(new Array<number>(12).fill(3));
  const picker = powerOfTwo(seededRandom(seed));
  picker.rebuild(members, members);
  const picks = Array.from({ length: 20_000 }, () => picker.pick("", 0, []));
  expect(
    isByChance(
      countPicks(members, picks),
      members.map(() => 1),
    ),
  ).toBe(true);
});

test("power-of-two keeps the busiest within a few of the mean, where random choice does not", () => {
  const members = upBackends(new Array<number>(1_000).fill(1));
  const pool = new Pool(powerOfTwo(seededRandom(5)), members);
  for (let count = 0; count < 10_000; count++) pool.request();
  const most = Math.max(...members.map(({ inFlight }) => inFlight));
  // ln ln n / ln 2 + O(1) above the mean (Berenbrink et al. 2000); one choice would be some 12 above.
  expect(most).toBeLessThanOrEqual(10 + 4);
});

test("power-of-two under load: what is under way follows the weights", () => {
  const members = upBackends([8, 4, 2, 1, 1]);
  const pool = new Pool(powerOfTwo(seededRandom(9)), members);
  for (let count = 0; count < 1_600; count++) pool.request();
  for (const { inFlight, weight } of members) {
    expect(inFlight / weight).toBeGreaterThan(90);
    expect(inFlight / weight).toBeLessThan(110);
  }
});

function ewmaPool(latenciesMs: readonly (number | undefined)[], weights = latenciesMs.map(() => 1)) {
  const members = upBackends(weights);
  const pool = new Pool(peakEwma(seededRandom(4)), members);
  for (const [index, latencyMs] of latenciesMs.entries()) {
    if (latencyMs !== undefined) pool.answers(members[index] as Backend, latencyMs);
  }
  return { members, pool, pick: () => pool.picker.pick("", pool.nowMs, []) };
}

test("peak-ewma takes the faster of two", () => {
  const { members, pick } = ewmaPool([20, 10]);
  for (let count = 0; count < 20; count++) expect(pick()).toBe(members[1] as Backend);
});

test("peak-ewma: twice the latency is worth half of what is under way", () => {
  const { members, pool } = ewmaPool([10, 20]);
  for (let count = 0; count < 300; count++) pool.request();
  const [fast, slow] = members as [Backend, Backend];
  expect(Math.abs(fast.inFlight - 2 * slow.inFlight)).toBeLessThanOrEqual(2);
});

test("peak-ewma: weights divide", () => {
  const { members, pool } = ewmaPool([10, 10], [3, 1]);
  for (let count = 0; count < 400; count++) pool.request();
  expect(members.map(({ inFlight }) => inFlight)).toEqual([300, 100]);
});

test("peak-ewma asks one that nobody knows once, and waits for its answer", () => {
  const { members, pool } = ewmaPool([5_000, undefined]);
  const [known, unknown] = members as [Backend, Backend];
  expect(pool.request()).toBe(unknown);
  for (let count = 0; count < 20; count++) expect(pool.request()).toBe(known);
  pool.answers(unknown, 10);
  expect(pool.request()).toBe(unknown);
});

test("peak-ewma: a peak counts at once, and is forgotten while nothing comes", () => {
  const { members, pool, pick } = ewmaPool([10, 10]);
  const [first, second] = members as [Backend, Backend];
  pool.answers(first, 200);
  for (let count = 0; count < 10; count++) expect(pick()).toBe(second);
  pool.nowMs += 40_000;
  pool.answers(second, 10);
  // 200 ms have become 200 / e⁴, less than 4.
  for (let count = 0; count < 10; count++) expect(pick()).toBe(first);
});

test("peak-ewma: one that did not answer in time is slow, not fast", () => {
  const { members, pool, pick } = ewmaPool([10, 100]);
  const [silent, slow] = members as [Backend, Backend];
  observeSilence(silent, 2_000, pool.nowMs);
  for (let count = 0; count < 10; count++) expect(pick()).toBe(slow);
});
