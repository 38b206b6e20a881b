import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConcurrencyLimit, type ConcurrencyRules } from "../../src/core/concurrency-limit.ts";
import { seededRandom } from "../../src/core/random.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RULES: ConcurrencyRules = {
  minLimit: 3,
  maxLimit: 1_000,
  initialLimit: 20,
  tolerance: 1.5,
  smoothing: 0.2,
  baselineMs: 60_000,
};

function setUp(rules: Partial<ConcurrencyRules> = {}) {
  const clock = new VirtualClock();
  let changes = 0;
  const limit = new ConcurrencyLimit({ ...RULES, ...rules }, clock, seededRandom(1), () => {
    changes += 1;
  });
  /** As many answers in as much time as it looks at together, with so many of them under way at once. */
  const window = (latencyMs: number, inFlight = limit.limit) => {
    const answers = Math.max(50, limit.limit);
    for (let count = 0; count < answers; count++) {
      clock.advance(105 / (answers - 1));
      limit.observe(latencyMs, inFlight, clock.nowMs(), clock.nowMs());
    }
    clock.advance(latencyMs);
  };
  const windows = (count: number, latencyMs: number, inFlight?: number) => {
    for (let left = count; left > 0; left--) window(latencyMs, inFlight);
  };
  return { clock, limit, window, windows, changes: () => changes };
}

test("begins with its initial limit, and grows by its root while answers are as quick as ever", () => {
  const { limit, window, windows } = setUp();
  expect(limit.limit).toBe(20);
  window(10, 6);
  window(10);
  expect(limit.limit).toBe(20);
  window(10);
  expect(limit.limit).toBe(21);
  windows(200, 10);
  expect(limit.limit).toBeGreaterThan(300);
  windows(1_000, 10);
  expect(limit.limit).toBe(1_000);
});

test("does not move where not half of it is used, however quick or slow answers are", () => {
  const { limit, windows } = setUp();
  windows(1, 10, 6);
  windows(100, 10, 9);
  windows(100, 100, 9);
  windows(100, 10, 1);
  expect(limit.limit).toBe(20);
});

test("falls while answers take longer than it tolerates, but by a tenth at once at most", () => {
  const { limit, window } = setUp();
  window(10, 6);
  for (let count = 0; count < 20; count++) window(10);
  let before = limit.limit;
  window(14);
  expect(limit.limit).toBeGreaterThan(before);
  before = limit.limit;
  window(100_000);
  expect(limit.limit).toBeGreaterThanOrEqual(Math.floor(before * 0.9));
  expect(limit.limit).toBeLessThan(before);
});

test("is lowered for a moment to measure, at the latest when the last time was a while ago", () => {
  const { clock, limit, window } = setUp();
  window(10, 6);
  window(10);
  clock.advance(66_000);
  window(10);
  // A share of 1 / (2 × tolerance).
  expect(limit.limit).toBe(7);
  window(10);
  expect(limit.limit).toBe(21);
  clock.advance(50_000);
  window(10);
  expect(limit.limit).toBeGreaterThan(20);
});

test("does not have to be lowered where little is asked for anyway", () => {
  const { clock, limit, window } = setUp();
  for (let minute = 0; minute < 60; minute++) {
    clock.advance(60_000);
    window(10, 5);
    expect(limit.limit).toBe(20);
  }
});

test("is restored after a time if a measuring comes to nothing, and told so", () => {
  const { clock, limit, window, changes } = setUp();
  window(10);
  expect(limit.limit).toBe(6);
  const before = changes();
  // The window's last answer was ten of them ago.
  clock.advance(989);
  expect(limit.limit).toBe(6);
  clock.advance(1);
  expect([limit.limit, changes()]).toEqual([20, before + 1]);
  // As it does not know better, the next one is not at once.
  window(10);
  expect(limit.limit).toBeGreaterThanOrEqual(20);
  expect(clock.pending).toBe(0);
});

test("leaves no timer behind", () => {
  const { clock, limit, window } = setUp();
  window(10);
  expect(clock.pending).toBe(1);
  limit.forget();
  expect(clock.pending).toBe(0);
});

test("looks only at answers to requests that began in its window", () => {
  const { clock, limit, window } = setUp();
  window(10, 6);
  const beganMs = clock.nowMs() - 1;
  window(10);
  for (let count = 0; count < 1_000; count++) limit.observe(1_000, 20, beganMs, clock.nowMs() + count);
  window(10);
  expect(limit.limit).toBe(21);
});

describe("a request that was not managed", () => {
  test("takes off a tenth, once for all that were under way then", () => {
    const { clock, limit } = setUp();
    const startMs = clock.nowMs();
    clock.advance(1_000);
    for (let count = 0; count < 20; count++) limit.dropped(20, startMs, clock.nowMs());
    expect(limit.limit).toBe(18);
    const againMs = clock.nowMs();
    clock.advance(1_000);
    for (let count = 0; count < 20; count++) limit.dropped(18, againMs, clock.nowMs());
    expect(limit.limit).toBe(16);
  });

  test("is not by too many where there are few", () => {
    const { clock, limit } = setUp();
    for (let count = 0; count < 20; count++) {
      limit.dropped(9, clock.nowMs(), clock.nowMs());
      clock.advance(1_000);
    }
    expect(limit.limit).toBe(20);
  });

  test("never takes it below the least", () => {
    const { clock, limit } = setUp();
    for (let count = 0; count < 100; count++) {
      limit.dropped(20, clock.nowMs(), clock.nowMs());
      clock.advance(1_000);
    }
    expect(limit.limit).toBe(3);
  });
});

test("whatever happens, it is a whole number between its ends, and pays for a change with a call", () => {
  const step = fc.record({
    kind: fc.constantFrom("answers", "answers", "drop", "pause"),
    latencyMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
    inFlight: fc.nat({ max: 300 }),
    ageMs: fc.nat({ max: 2_000 }),
    count: fc.nat({ max: 200 }),
  });
  const rules = fc.record({
    minLimit: fc.integer({ min: 1, max: 20 }),
    maxLimit: fc.integer({ min: 20, max: 400 }),
    tolerance: fc.double({ min: 1.01, max: 10, noNaN: true }),
    smoothing: fc.double({ min: 0.01, max: 1, noNaN: true }),
    baselineMs: fc.integer({ min: 1_000, max: 60_000 }),
  });
  fc.assert(
    fc.property(rules, fc.array(step, { maxLength: 60 }), (some, steps) => {
      const { clock, limit, changes } = setUp(some);
      let seen = limit.limit;
      let seenChanges = 0;
      const look = () => {
        expect(limit.limit).toBeInteger();
        expect(limit.limit).toBeWithin(some.minLimit, some.maxLimit + 1);
        if (limit.limit !== seen) expect(changes()).toBeGreaterThan(seenChanges);
        seen = limit.limit;
        seenChanges = changes();
        expect(clock.pending).toBeLessThanOrEqual(1);
      };
      for (const { kind, latencyMs, inFlight, ageMs, count } of steps) {
        if (kind === "pause") clock.advance(ageMs * 50);
        if (kind === "drop") limit.dropped(inFlight, clock.nowMs() - ageMs, clock.nowMs());
        for (let left = kind === "answers" ? count : 0; left > 0; left--) {
          clock.advance(1);
          limit.observe(latencyMs, inFlight, clock.nowMs() - (ageMs % 20), clock.nowMs());
          look();
        }
        look();
      }
    }),
  );
});
