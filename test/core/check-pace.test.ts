import { expect, test } from "bun:test";
import fc from "fast-check";
import { nextCheckMs } from "../../src/core/check-pace.ts";
import { seededRandom } from "../../src/core/random.ts";

const intervals = fc.integer({ min: 1, max: 1_000_000 });

test("checks begin an interval apart, give or take a tenth, however long they take", () => {
  fc.assert(
    fc.property(
      intervals,
      fc.double({ min: 0, max: 0.8, noNaN: true }),
      fc.integer(),
      (intervalMs, part, seed) => {
        const tookMs = part * intervalMs;
        const apartMs = tookMs + nextCheckMs(intervalMs, tookMs, seededRandom(seed));
        expect(apartMs).toBeGreaterThanOrEqual(0.9 * intervalMs - 1e-6);
        expect(apartMs).toBeLessThanOrEqual(1.1 * intervalMs + 1e-6);
      },
    ),
  );
});

test("one that takes longer than the interval is still followed by a pause", () => {
  fc.assert(
    fc.property(intervals, fc.integer(), (intervalMs, seed) => {
      expect(nextCheckMs(intervalMs, 5 * intervalMs, seededRandom(seed))).toBe(intervalMs / 10);
    }),
  );
});

test("not all checks come at the same pace", () => {
  const random = seededRandom(1);
  const gaps = new Set(Array.from({ length: 100 }, () => nextCheckMs(10_000, 0, random)));
  expect(gaps.size).toBeGreaterThan(80);
});
