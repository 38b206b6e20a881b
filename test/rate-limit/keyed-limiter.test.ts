import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { METERS } from "../../src/rate-limit/index.ts";
import { KeyedLimiter } from "../../src/rate-limit/keyed-limiter.ts";
import type { Meter, RateAlgorithm, RateRules } from "../../src/rate-limit/meter.ts";

const ALGORITHMS = Object.keys(METERS) as RateAlgorithm[];

/** Clients of one limit: who asks, and how long after the one before, in milliseconds. */
const CLIENTS = fc.array(
  fc.tuple(
    fc.nat(11),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.nat(50) },
      { weight: 1, arbitrary: fc.nat(1_500) },
    ),
  ),
  { maxLength: 600, size: "max" },
);

describe.each(ALGORITHMS)("by the %s", (algorithm) => {
  const rules: RateRules = { algorithm, requests: 5, windowMs: 1_000, burst: 5, maxKeys: 100_000 };
  const limiterOf = (changes: Partial<RateRules> = {}) => new KeyedLimiter({ ...rules, ...changes }, [1, 2]);

  /** A meter for each key that there is. */
  function metersByKey() {
    const meters = new Map<number, Meter>();
    return (key: number): Meter => {
      const meter = meters.get(key) ?? new METERS[algorithm](rules, 1);
      meters.set(key, meter);
      return meter;
    };
  }

  test("while there is room for all, each key is counted by itself and exactly", () => {
    fc.assert(
      fc.property(CLIENTS, (clients) => {
        const limiter = limiterOf({ maxKeys: 12 });
        const meterOf = metersByKey();
        let nowMs = 5_000;
        for (const [key, waitMs] of clients) {
          nowMs += waitMs;
          expect(limiter.take(`key ${key}`, nowMs)).toEqual(meterOf(key).take(0, nowMs));
        }
      }),
    );
  });

  test("where there is not, no key ever gets more than by itself", () => {
    fc.assert(
      fc.property(CLIENTS, fc.integer({ min: 1, max: 4 }), (clients, maxKeys) => {
        const limiter = limiterOf({ maxKeys });
        const meterOf = metersByKey();
        let nowMs = 5_000;
        for (const [key, waitMs] of clients) {
          nowMs += waitMs;
          // What was allowed has to be so by a meter that was told of nothing but that.
          if (limiter.take(`key ${key}`, nowMs).isAllowed) {
            expect(meterOf(key).take(0, nowMs).isAllowed).toBe(true);
          }
        }
        expect(limiter.size).toBeLessThanOrEqual(maxKeys);
      }),
    );
  });

  test("200,000 addresses take no more room than 100,000, and those who were there notice nothing", () => {
    const limiter = limiterOf({ windowMs: 3_600_000 });
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const allowed = new Uint8Array(200_000);
    for (let round = 0; round < 7; round++) {
      for (let index = 0; index < 200_000; index++) {
        const { isAllowed } = limiter.take(address(index), 5_000 + round);
        if (isAllowed) allowed[index] = (allowed[index] as number) + 1;
      }
    }
    expect(limiter.size).toBe(100_000);
    expect(allowed.subarray(0, 100_000).every((count) => count === 5)).toBe(true);
    // They share 1,024 counters: each of them got five through, and no one more than five.
    const others = allowed.subarray(100_000);
    expect(others.reduce((sum, count) => sum + count, 0)).toBe(1_024 * 5);
    expect(others.every((count) => count <= 5)).toBe(true);

    // Two windows later all is forgotten, and there is room for them.
    for (let index = 100_000; index < 200_000; index++) {
      expect(limiter.take(address(index), 8_000_000).isAllowed).toBe(true);
    }
    expect(limiter.size).toBe(100_000);
  });

  test("a key that is at its limit stays there, however many others are made up", () => {
    const limiter = limiterOf({ maxKeys: 1_000, windowMs: 60_000 });
    for (let time = 0; time < 5; time++) limiter.take("mine", 5_000);
    for (let other = 0; other < 50_000; other++) limiter.take(`other ${other}`, 5_000 + other / 100);
    expect(limiter.take("mine", 5_600).isAllowed).toBe(false);
  });

  test("keys that are made up again and again leave idle entries to each other", () => {
    const limiter = limiterOf({ maxKeys: 100 });
    // Each comes once, and 100 of them take ten windows.
    for (let index = 0; index < 10_000; index++) {
      const verdict = limiter.take(`key ${index}`, 5_000 + index * 100);
      expect([verdict.isAllowed, verdict.remaining]).toEqual([true, 4]);
    }
    expect(limiter.size).toBe(100);
  });
});

test("1,000,000 keys stay below 200 MB, by each algorithm", async () => {
  const program = join(import.meta.dirname, "memory-of-keys.ts");
  for (const algorithm of ALGORITHMS) {
    const { stdout } = Bun.spawn([process.execPath, "run", program, algorithm], { stdout: "pipe" });
    const { keys, megabytes } = JSON.parse(await new Response(stdout).text());
    expect(keys).toBe(1_000_000);
    expect(megabytes).toBeGreaterThan(20);
    expect(megabytes).toBeLessThan(200);
  }
}, 60_000);
