import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Outcome } from "../../src/core/outcome.ts";
import { isRetryable, RETRY_CONDITIONS, RetryBudget, type RetryCondition } from "../../src/core/retry.ts";

const WINDOW_MS = 10_000;
const FLOOR = 100;

/** For each outcome: the condition that covers it, and whether the request surely never arrived. */
const TABLE: Record<keyof typeof Outcome, { condition?: RetryCondition; neverSent: boolean }> = {
  ok: { neverSent: false },
  serverError: { neverSent: false },
  connectFailed: { condition: "connect", neverSent: true },
  reset: { condition: "reset", neverSent: false },
  timedOut: { condition: "timeout", neverSent: false },
  malformed: { condition: "reset", neverSent: false },
  bodyBroken: { neverSent: false },
  clientGone: { neverSent: false },
  requestBroken: { neverSent: false },
  noRoom: { condition: "connect", neverSent: true },
  gatewayError: { neverSent: false },
  cancelled: { neverSent: false },
};

describe("what is tried again", () => {
  for (const [name, { condition, neverSent }] of Object.entries(TABLE)) {
    for (const retryOn of [[], ...RETRY_CONDITIONS.map((word) => [word]), RETRY_CONDITIONS]) {
      for (const idempotent of [true, false]) {
        const expected = condition !== undefined && retryOn.includes(condition) && (idempotent || neverSent);
        test(`${name}, retryOn [${retryOn}], idempotent ${idempotent}: ${expected}`, () => {
          const outcome = Outcome[name as keyof typeof Outcome];
          expect(isRetryable({ retries: 2, retryOn }, outcome, idempotent)).toBe(expected);
        });
      }
    }
  }
});

interface Step {
  readonly afterMs: number;
  readonly requests: number;
  readonly retriesWanted: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  // Short steps, and ones about as long as the window, where whole buckets leave it.
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 1_500 }),
    fc.integer({ min: 8_500, max: 11_500 }),
    fc.constant(3_600_000),
  ),
  requests: fc.integer({ min: 0, max: 1_500 }),
  retriesWanted: fc.integer({ min: 0, max: 400 }),
});

const steps = fc.tuple(fc.double({ min: 0, max: 20_000, noNaN: true }), fc.array(step, { maxLength: 25 }));

/** Events with their moments: what the budget would be if it remembered everything. */
class EventLog {
  readonly #events: { readonly atMs: number; readonly count: number }[] = [];

  add(atMs: number, count: number): void {
    this.#events.push({ atMs, count });
  }

  /** How many in the `windowMs` up to and with `nowMs`. */
  within(windowMs: number, nowMs: number): number {
    let total = 0;
    for (const { atMs, count } of this.#events) if (atMs > nowMs - windowMs) total += count;
    return total;
  }
}

describe("the retry budget", () => {
  test("over the last ten seconds retries stay within a fifth of the requests, or 100", () => {
    fc.assert(
      fc.property(steps, ([startMs, steps]) => {
        const budget = new RetryBudget();
        const requests = new EventLog();
        const retries = new EventLog();
        let nowMs = startMs;
        for (const step of steps) {
          nowMs += step.afterMs;
          for (let count = 0; count < step.requests; count++) budget.deposit(nowMs);
          requests.add(nowMs, step.requests);
          let granted = 0;
          while (granted < step.retriesWanted && budget.withdraw(nowMs)) granted += 1;
          retries.add(nowMs, granted);
          if (granted === 0) continue;
          // The limit holds for the ten seconds before each retry that is granted; the requests that
          // paid for earlier ones may leave the window later.
          const allowed = Math.max(0.2 * requests.within(WINDOW_MS, nowMs), FLOOR);
          expect(retries.within(WINDOW_MS, nowMs)).toBeLessThanOrEqual(allowed);
        }
      }),
    );
  });

  test("it refuses nobody who is well within it", () => {
    fc.assert(
      fc.property(steps, ([startMs, steps]) => {
        const budget = new RetryBudget();
        const requests = new EventLog();
        const retries = new EventLog();
        let nowMs = startMs;
        for (const step of steps) {
          nowMs += step.afterMs;
          for (let count = 0; count < step.requests; count++) budget.deposit(nowMs);
          requests.add(nowMs, step.requests);
          for (let count = 0; count < step.retriesWanted; count++) {
            // Whole buckets: requests may be forgotten, and retries remembered, a tenth of a second too long.
            const surelyAllowed = Math.max(0.2 * requests.within(WINDOW_MS - 100, nowMs), FLOOR);
            const surelyTaken = retries.within(WINDOW_MS + 100, nowMs) + 1 <= surelyAllowed;
            const granted = budget.withdraw(nowMs);
            if (surelyTaken) expect(granted).toBe(true);
            if (granted) retries.add(nowMs, 1);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test("with no traffic at all there are 100 retries, and again once they are ten seconds old", () => {
    const budget = new RetryBudget();
    const granted = (nowMs: number) => {
      let count = 0;
      while (budget.withdraw(nowMs)) count += 1;
      return count;
    };
    expect(granted(950)).toBe(100);
    expect(granted(5_000)).toBe(0);
    expect(granted(10_900)).toBe(0);
    expect(granted(11_100)).toBe(100);
  });

  test("a fifth of heavy traffic", () => {
    const budget = new RetryBudget();
    for (let count = 0; count < 5_000; count++) budget.deposit(1_000);
    let granted = 0;
    while (budget.withdraw(1_000)) granted += 1;
    expect(granted).toBe(1_000);
  });

  test("nothing is saved up in a quiet hour", () => {
    const budget = new RetryBudget();
    for (let second = 0; second < 3_600; second++) budget.deposit(second * 1_000);
    let granted = 0;
    while (budget.withdraw(3_600_000)) granted += 1;
    expect(granted).toBe(100);
  });

  test("a clock that stands still or steps back a little does no harm", () => {
    const budget = new RetryBudget();
    budget.deposit(5_000);
    budget.deposit(4_999);
    expect(budget.withdraw(4_000)).toBe(true);
  });
});
