import { expect, test } from "bun:test";
import fc from "fast-check";
import { backOffMs } from "../../src/core/back-off.ts";
import { seededRandom } from "../../src/core/random.ts";

test("each wait is anything below a limit that doubles, up to a quarter of a second", () => {
  const limits = [25, 50, 100, 200, 250, 250];
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 101 }), (seed, waits) => {
      const ms = backOffMs(waits, seededRandom(seed));
      expect(Number.isInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(limits[Math.min(waits, 5)] as number);
    }),
  );
});

test("all of it is used: both ends, and the middle on average", () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 20_000 }, () => backOffMs(2, random));
  expect(Math.min(...waits)).toBe(0);
  expect(Math.max(...waits)).toBe(99);
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
  // The standard error of the mean is 0.2 ms.
  expect(Math.abs(mean - 49.5)).toBeLessThan(1);
});
