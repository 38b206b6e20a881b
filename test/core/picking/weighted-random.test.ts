import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { WeightedDraw } from "../../../src/core/picking/weighted-draw.ts";
import { weightedRandom } from "../../../src/core/picking/weighted-random.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";
import { isByChance } from "./chi-squared.ts";

const DRAWS = 30_000;
const SEEDS = [1, 2, 3, 77, 12_345];
const WEIGHTS = {
  "1, 1, 1": [1, 1, 1],
  "1, 2, 3, 4": [1, 2, 3, 4],
  "100, 1, 1": [100, 1, 1],
  "50 times 7": new Array<number>(50).fill(7),
  "40 of 1 to 9": Array.from({ length: 40 }, (_, index) => 1 + (index % 9)),
} as const;
const CASES = Object.entries(WEIGHTS).flatMap(([name, weights]) =>
  SEEDS.map((seed) => [name, seed, weights] as const),
);

test.each(CASES)("weights %s, seed %d: as often as the weights say", (_, seed, weights) => {
  const members = upBackends(weights);
  const picker = weightedRandom(seededRandom(seed));
  picker.rebuild(members, members);
  const picks = Array.from({ length: DRAWS }, () => picker.pick("", 0, []));
  expect(isByChance(countPicks(members, picks), weights)).toBe(true);
});

test.each(CASES)("weights %s, seed %d: without some, as the others' weights say", (_, seed, weights) => {
  const members = upBackends(weights);
  const picker = weightedRandom(seededRandom(seed));
  picker.rebuild(members, members);
  const avoid = [members[0], members.at(-1)].slice(0, weights.length - 2) as Backend[];
  const picks = Array.from({ length: DRAWS }, () => picker.pick("", 0, avoid));
  const left = members.filter((backend) => !avoid.includes(backend));
  const counts = countPicks(left, picks);
  expect(picks.every((backend) => left.includes(backend))).toBe(true);
  expect(
    left.length === 1 ||
      isByChance(
        counts,
        left.map(({ weight }) => weight),
      ),
  ).toBe(true);
});

/** Chance that comes as it is told. */
function told(point: number) {
  return { below: () => point };
}

test("each point of the line belongs to the one whose weight it is, also without some", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.nat({ max: 4095 }), (weights, mask) => {
      const members = upBackends(weights);
      const out = members.flatMap((_, place) => ((mask & (1 << place)) === 0 ? [] : [place]));
      const line = weights.flatMap((weight, place) =>
        out.includes(place) ? [] : new Array<number>(weight).fill(place),
      );
      const drawn = (draw: (from: WeightedDraw) => number) =>
        line.map((_, point) => {
          const from = new WeightedDraw(told(point));
          from.rebuild(members);
          return draw(from);
        });
      expect(drawn((from) => from.drawOutside(out))).toEqual(line);
      if (out.length === 0) expect(drawn((from) => from.draw())).toEqual(line);
      if (out.length === 1) expect(drawn((from) => from.drawBut(out[0] as number))).toEqual(line);
      const from = new WeightedDraw(told(0));
      from.rebuild(members);
      expect(from.drawOutside(members.map((_, place) => place))).toBe(-1);
    }),
  );
});
