import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { METERS } from "../../src/rate-limit/index.ts";
import type { Meter, RateAlgorithm, RateRules } from "../../src/rate-limit/meter.ts";
import { exactBucket, exactWindow, mostWithin, type Reference } from "./references.ts";

const ALGORITHMS = Object.keys(METERS) as RateAlgorithm[];

const reference: Readonly<Record<RateAlgorithm, (rules: RateRules) => Reference>> = {
  "sliding-window": ({ requests, windowMs }) => exactWindow(requests, windowMs),
  "token-bucket": ({ requests, windowMs, burst }) => exactBucket(requests, windowMs, burst),
};

const LIMIT = fc.record({
  requests: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000_000 })),
  windowMs: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100_000 })),
  burst: fc.integer({ min: 1, max: 12 }),
});
/** Up to which limit each is exact about requests that come at any times. */
const EXACT_UP_TO: Readonly<Record<RateAlgorithm, number>> = {
  "sliding-window": 32,
  "token-bucket": 1_000_000,
};
const START = fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 1_000_000_000 }));

function made(algorithm: RateAlgorithm, limit: Partial<RateRules>, entries = 1): Meter {
  const rules = { algorithm, requests: 1, windowMs: 1_000, burst: 1, maxKeys: 1, ...limit };
  return new METERS[algorithm](rules, entries);
}

/** Times that are not even: many at once, and pauses up to beyond a window. */
const pauses = (windowMs: number) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.nat(Math.ceil(windowMs / 4)) },
      fc.nat(windowMs * 2),
    ),
    { maxLength: 120 },
  );

describe.each(ALGORITHMS)("%s", (algorithm) => {
  test("decides as exact arithmetic over everything that ever came would", () => {
    fc.assert(
      fc.property(
        LIMIT.map((limit) => ({
          ...limit,
          requests: Math.min(limit.requests, EXACT_UP_TO[algorithm]),
        })).chain((limit) => fc.tuple(fc.constant(limit), START, pauses(limit.windowMs))),
        ([limit, startMs, waits]) => {
          const meter = made(algorithm, limit);
          const isAllowed = reference[algorithm]({ algorithm, maxKeys: 1, ...limit });
          let nowMs = startMs;
          for (const wait of waits) {
            nowMs += wait;
            expect(meter.take(0, nowMs).isAllowed).toBe(isAllowed(nowMs));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("says truly how many remain, and when there is one more", () => {
    fc.assert(
      fc.property(
        LIMIT.chain((limit) => fc.tuple(fc.constant(limit), START, pauses(limit.windowMs))),
        ([limit, startMs, waits]) => {
          // Entry 1 is for trying out what would be.
          const meter = made(algorithm, limit, 2);
          let nowMs = startMs;
          for (const wait of waits) {
            nowMs += wait;
            const { isAllowed, remaining, resetMs } = meter.take(0, nowMs);
            expect(resetMs).toBeGreaterThanOrEqual(0);
            meter.copy(0, 1);
            const tried = Math.min(remaining, 20);
            for (let more = 0; more < tried; more++) expect(meter.take(1, nowMs).isAllowed).toBe(true);
            if (tried === remaining) expect(meter.take(1, nowMs).isAllowed).toBe(false);
            if (!isAllowed) expect(remaining).toBe(0);
            if (remaining > 0) {
              meter.copy(0, 1);
              expect(meter.isIdle(1, Math.floor(nowMs + resetMs + 1e-6) + 1)).toBe(true);
              continue;
            }
            const dueMs = nowMs + resetMs;
            meter.copy(0, 1);
            // Within a millionth of a millisecond nothing is said.
            const beforeMs = Math.ceil(dueMs - 1e-6) - 1;
            if (beforeMs >= nowMs) expect(meter.take(1, beforeMs).isAllowed).toBe(false);
            expect(meter.take(1, Math.floor(dueMs + 1e-6) + 1).isAllowed).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("an entry that is idle is as good as new", () => {
    fc.assert(
      fc.property(
        LIMIT.chain((limit) => fc.tuple(fc.constant(limit), START, pauses(limit.windowMs))),
        ([limit, startMs, waits]) => {
          const meter = made(algorithm, limit, 3);
          let nowMs = startMs;
          for (const wait of waits) {
            nowMs += wait;
            if (meter.isIdle(0, nowMs)) {
              meter.copy(0, 1);
              // Entry 2 was never used.
              const fresh = made(algorithm, limit);
              expect(meter.take(1, nowMs)).toEqual(fresh.take(0, nowMs));
            }
            meter.take(0, nowMs);
            expect(meter.isIdle(0, nowMs)).toBe(false);
          }
        },
      ),
    );
  });

  test("entries know nothing of each other", () => {
    const meter = made(algorithm, { requests: 2, burst: 2 }, 3);
    for (const entry of [0, 1, 2, 0, 1, 2]) expect(meter.take(entry, 5_000).isAllowed).toBe(true);
    for (const entry of [0, 1, 2]) expect(meter.take(entry, 5_000).isAllowed).toBe(false);
  });

  test("a clock that stands or goes back gives nothing away", () => {
    const meter = made(algorithm, { requests: 3, burst: 3 });
    const times = [9_000, 9_000, 8_000, 7_000, 9_000, 9_000];
    expect(times.filter((nowMs) => meter.take(0, nowMs).isAllowed)).toHaveLength(3);
  });
});

/** The times at which a client was allowed that asks evenly. */
function allowedTimes(meter: Meter, perSecond: number, forMs: number): number[] {
  const times: number[] = [];
  for (let index = 0; index < (perSecond * forMs) / 1_000; index++) {
    const nowMs = 7_000 + (index * 1_000) / perSecond;
    if (meter.take(0, nowMs).isAllowed) times.push(nowMs);
  }
  return times;
}

describe("100 a second", () => {
  test.each([
    ["sliding-window", 100, 0],
    ["token-bucket", 1, 1],
    ["token-bucket", 10, 10],
    ["token-bucket", 100, 100],
  ] as const)(
    "hold by the %s with a burst of %d for who asks 1,000 times a second",
    (algorithm, burst, extra) => {
      const allowed = allowedTimes(made(algorithm, { requests: 100, burst }), 1_000, 10_000);
      expect(Math.abs(allowed.length - extra - 1_000)).toBeLessThanOrEqual(20);
    },
  );

  test.each(ALGORITHMS)("are not denied by the %s to who keeps to them", (algorithm) => {
    for (const requests of [1, 2, 3, 7, 100, 125, 1_000]) {
      const meter = made(algorithm, { requests, burst: 2 });
      expect(allowedTimes(meter, requests, 10_000)).toHaveLength(requests * 10);
    }
  });
});

test("in any time, a token bucket allows no more than its burst and what comes in meanwhile", () => {
  fc.assert(
    fc.property(
      LIMIT.filter(({ requests }) => requests <= 12).chain((limit) =>
        fc.tuple(fc.constant(limit), START, pauses(limit.windowMs), fc.integer({ min: 1, max: 300_000 })),
      ),
      ([limit, startMs, waits, spanMs]) => {
        const meter = made("token-bucket", limit);
        const allowed: number[] = [];
        let nowMs = startMs;
        for (const wait of waits) {
          nowMs += wait;
          for (let time = 0; time < 3; time++) if (meter.take(0, nowMs).isAllowed) allowed.push(nowMs);
        }
        const most = limit.burst + (limit.requests * spanMs) / limit.windowMs;
        expect(mostWithin(allowed, spanMs)).toBeLessThanOrEqual(most);
      },
    ),
  );
});
