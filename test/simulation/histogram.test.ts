import { expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram } from "../../src/simulation/histogram.ts";

const times = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1_000, noNaN: true }),
    fc.double({ min: 0, max: 4_200_000, noNaN: true }),
  ),
  { minLength: 1, maxLength: 200 },
);

test("a quantile is the exact one, or at most 0.8 % longer", () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (times, share) => {
      const histogram = new Histogram();
      for (const ms of times) histogram.record(ms);
      const rank = Math.max(1, Math.ceil(share * times.length));
      const exactMs = times.toSorted((a, b) => a - b)[rank - 1] as number;
      const foundMs = histogram.quantileMs(share);
      // Times are kept in whole microseconds.
      expect(foundMs).toBeGreaterThanOrEqual(exactMs - 0.000_501);
      expect(foundMs).toBeLessThanOrEqual(exactMs * (1 + 1 / 128) + 0.000_501);
    }),
  );
});

test("the longest, the mean and the count are exact", () => {
  fc.assert(
    fc.property(times, (times) => {
      const histogram = new Histogram();
      for (const ms of times) histogram.record(ms);
      const longestMs = Math.max(...times);
      expect(histogram.longestMs).toBe(longestMs);
      expect(histogram.quantileMs(1)).toBeLessThanOrEqual(longestMs);
      expect(histogram.count).toBe(times.length);
      const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
      expect(histogram.meanMs).toBeCloseTo(mean, 6);
    }),
  );
});

test("nothing recorded is 0, and what is longer than 71 minutes counts as that", () => {
  const histogram = new Histogram();
  expect([histogram.quantileMs(0.5), histogram.meanMs, histogram.longestMs]).toEqual([0, 0, 0]);
  histogram.record(1e12);
  expect(histogram.quantileMs(0.5)).toBe((2 ** 32 - 1) / 1000);
  expect(histogram.longestMs).toBe(1e12);
});
