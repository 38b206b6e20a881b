import { expect, test } from "bun:test";
import fc from "fast-check";
import { SlidingWindow } from "../../src/rate-limit/sliding-window.ts";
import { mostWithin } from "./references.ts";

/** Its finest time, in milliseconds. */
const TICK_MS = 2 ** -10;

const START = fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 1_000_000_000 }));

/** Entry 1 is for trying out what would be. */
function made({ requests, windowMs }: { readonly requests: number; readonly windowMs: number }) {
  return new SlidingWindow({ algorithm: "sliding-window", requests, windowMs, burst: 1, maxKeys: 2 }, 2);
}

/** Limits of every size, and clients who at uneven times ask for a part of it at once, up to all and more. */
const CROWDS = fc
  .record({
    requests: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 30, max: 1_500 })),
    windowMs: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100_000 })),
  })
  .chain(({ requests, windowMs }) =>
    fc.record({
      requests: fc.constant(requests),
      windowMs: fc.constant(windowMs),
      startMs: START,
      crowds: fc.array(
        fc.record({
          // To eighths of a millisecond, as a clock may have fractions.
          waitMs: fc.oneof(
            { weight: 4, arbitrary: fc.nat(windowMs).map((eighths) => eighths / 8) },
            { weight: 2, arbitrary: fc.nat(windowMs) },
            {
              weight: 2,
              arbitrary: fc.integer({ min: 0, max: 3 }).map((less) => Math.max(0, windowMs - less)),
            },
            fc.nat(windowMs * 3),
          ),
          size: fc.oneof(
            fc.integer({ min: 1, max: 3 }),
            fc.nat(Math.ceil(requests / 3)),
            fc.nat(requests + 1),
          ),
        }),
        { maxLength: 60 },
      ),
    }),
  );

test("never allows more than its limit in any window, wherever it begins", () => {
  fc.assert(
    fc.property(CROWDS, ({ requests, windowMs, startMs, crowds }) => {
      const meter = made({ requests, windowMs });
      const allowed: number[] = [];
      let nowMs = startMs;
      for (const { waitMs, size } of crowds) {
        nowMs += waitMs;
        for (let time = 0; time < size; time++) if (meter.take(0, nowMs).isAllowed) allowed.push(nowMs);
      }
      expect(mostWithin(allowed, windowMs)).toBeLessThanOrEqual(requests);
    }),
    { numRuns: 300 },
  );
});

test("refuses only who made more than 31/32 of the limit in the last 33/32 of the window, and says until when", () => {
  fc.assert(
    fc.property(CROWDS, ({ requests, windowMs, startMs, crowds }) => {
      const meter = made({ requests, windowMs });
      const allowed: number[] = [];
      let nowMs = startMs;
      for (const { waitMs, size } of crowds) {
        nowMs += waitMs;
        for (let time = 0; time < size; time++) {
          const { isAllowed, resetMs } = meter.take(0, nowMs);
          if (isAllowed) {
            allowed.push(nowMs);
            continue;
          }
          const recent = allowed.filter((allowedMs) => nowMs - allowedMs < (windowMs * 33) / 32);
          expect(recent.length).toBeGreaterThan((requests * 31) / 32);
          meter.copy(0, 1);
          if (resetMs > TICK_MS) expect(meter.take(1, nowMs + resetMs - TICK_MS).isAllowed).toBe(false);
          expect(meter.take(1, nowMs + resetMs).isAllowed).toBe(true);
          break;
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("never refuses who asks evenly and no faster, and does who is a tick too early", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 500 }),
      fc.nat(40),
      START,
      (requests, gapMs, slowerMs, startMs) => {
        const meter = made({ requests, windowMs: requests * gapMs });
        let nowMs = startMs;
        for (let index = 0; index < requests * 4; index++) {
          if (index === requests) expect(meter.take(0, nowMs - TICK_MS).isAllowed).toBe(false);
          expect(meter.take(0, nowMs).isAllowed).toBe(true);
          nowMs += gapMs + (index > requests && index < requests * 2 ? slowerMs : 0);
        }
      },
    ),
  );
});

test("knows nothing any more of what came before a long pause", () => {
  const [requests, windowMs] = [64, 1_000];
  for (let pauseMs = 1_000; pauseMs < 5_000_000; pauseMs += 99_000) {
    const meter = made({ requests, windowMs });
    meter.take(0, 5_000);
    for (let index = 0; index < requests * 2; index++) {
      const { isAllowed, remaining } = meter.take(0, 5_000 + pauseMs + (index * windowMs) / requests);
      expect([isAllowed, remaining]).toEqual([true, Math.max(0, requests - 1 - index)]);
    }
  }
});

test("holds for 30 days, and for a clock that has run for years", () => {
  const windowMs = 2_592_000_000;
  const meter = made({ requests: 2, windowMs });
  const startMs = 300_000_000_000;
  const times = [0, 1_000, windowMs - 4, windowMs, windowMs + 996, windowMs + 1_000, windowMs * 9];
  expect(times.map((time) => meter.take(0, startMs + time).isAllowed)).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
    true,
  ]);
});
