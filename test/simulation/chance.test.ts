import { expect, test } from "bun:test";
import fc from "fast-check";
import { seededRandom } from "../../src/core/random.ts";
import { happens, STREAM_DRAWS, STREAMS, sample, streamOf, uniform } from "../../src/simulation/chance.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const drawn = (random: ReturnType<typeof seededRandom>) =>
  Array.from({ length: 20 }, () => random.below(1_000_000));

test("each stream of a seed is its own, and the same each time", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const streams = STREAMS.map((stream) => drawn(streamOf(seed, stream)).join());
      expect(new Set(streams).size).toBe(STREAMS.length);
      expect(STREAMS.map((stream) => drawn(streamOf(seed, stream)).join())).toEqual(streams);
    }),
  );
});

/**
 * The generator's state moves by a constant, so that after n draws it is the seed plus n times that. Streams begin
 * 2²⁹ draws apart, which is too many to make; here it is shown for fewer that adding to the seed is to draw.
 */
test("to begin further on is to have drawn before", () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 500 }), (seed, draws) => {
      const ahead = seededRandom((seed + Math.imul(0x9e3779b9, draws)) >>> 0);
      const behind = seededRandom(seed);
      for (let count = 0; count < draws; count++) behind.below(1);
      expect(drawn(ahead)).toEqual(drawn(behind));
    }),
  );
  expect(STREAM_DRAWS * STREAMS.length).toBeLessThanOrEqual(2 ** 32);
});

test("a sample has so many different numbers, in order", () => {
  fc.assert(
    fc.property(seeds, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (seed, a, b) => {
      const [count, n] = [Math.min(a, b), Math.max(a, b)];
      const numbers = sample(seededRandom(seed), count, n);
      expect(new Set(numbers).size).toBe(count);
      expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
      for (const number of numbers) expect(number >= 0 && number < n).toBe(true);
    }),
  );
});

test("every number is as often in a sample as every other", () => {
  const counts = new Array<number>(10).fill(0);
  const random = seededRandom(5);
  for (let run = 0; run < 10_000; run++) {
    for (const number of sample(random, 3, 10)) counts[number] = (counts[number] ?? 0) + 1;
  }
  // 3,000 expected of each, with a standard deviation of 46.
  for (const count of counts) expect(Math.abs(count - 3_000)).toBeLessThan(230);
});

test("what has no share never happens and draws nothing, what has all of it always does", () => {
  const random = seededRandom(1);
  const other = seededRandom(1);
  for (let count = 0; count < 1_000; count++) {
    expect(happens(random, 0)).toBe(false);
    expect(happens(random, 1)).toBe(true);
    other.below(1);
  }
  expect(random.below(1_000_000)).toBe(other.below(1_000_000));
  let often = 0;
  for (let count = 0; count < 10_000; count++) if (happens(random, 0.3)) often += 1;
  expect(Math.abs(often - 3_000)).toBeLessThan(230);
});

test("a uniform number is never 0 nor 1", () => {
  expect(uniform({ below: () => 0 })).toBeGreaterThan(0);
  expect(uniform({ below: (n) => n - 1 })).toBeLessThan(1);
});
