import { expect, test } from "bun:test";
import fc from "fast-check";
import { RecentCount } from "../../src/core/recent-count.ts";

test("counts what happened in the last buckets, as if it remembered every moment", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 500 }),
      fc.array(fc.tuple(fc.nat({ max: 2_000 }), fc.nat({ max: 5 })), { maxLength: 60 }),
      (buckets, bucketMs, steps) => {
        const count = new RecentCount(buckets, bucketMs);
        const moments: number[] = [];
        let nowMs = 0.5;
        for (const [waitMs, times] of steps) {
          nowMs += waitMs;
          for (let time = 0; time < times; time++) {
            count.increment(nowMs);
            moments.push(nowMs);
          }
          const first = Math.floor(nowMs / bucketMs) - buckets + 1;
          const expected = moments.filter((atMs) => Math.floor(atMs / bucketMs) >= first).length;
          expect(count.total(nowMs)).toBe(expected);
        }
        count.clear();
        expect(count.total(nowMs)).toBe(0);
      },
    ),
  );
});
