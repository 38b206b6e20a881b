import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Attempts } from "../../src/core/attempts.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { HedgeDelay, type HedgeRules } from "../../src/core/hedging.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

describe("the moment of a second try", () => {
  test("is a fixed time after the first, if that was said", () => {
    const delay = new HedgeDelay({ afterMs: 50 });
    delay.answered(1_000, 0);
    delay.unanswered(1_000, 0);
    expect(delay.at(0)).toBe(50);
  });

  test("follows the latencies otherwise, once there are enough, and is never less than a millisecond", () => {
    const delay = new HedgeDelay({ percentile: 95 });
    expect(delay.at(0)).toBe(-1);
    for (let count = 0; count < 200; count++) delay.answered(0.2, 0);
    expect(delay.at(100)).toBe(1);
    for (let count = 0; count < 200; count++) delay.answered(40, 100);
    expect(delay.at(200)).toBeCloseTo(40, -1);
  });

  /** Latencies as a tail has them: one in ten takes a hundred times as long. */
  function latency(random: Random): number {
    return random.below(10) === 0 ? 500 + random.below(500) : 5 + random.below(5);
  }

  /** How many of 20,000 requests have a second try, and how long one is waited for in the end. */
  function hedged(percentile: number, notesSilence: boolean) {
    const random = seededRandom(3);
    const delay = new HedgeDelay({ percentile });
    let hedges = 0;
    for (let nowMs = 0; nowMs < 200_000; nowMs += 10) {
      const delayMs = delay.at(nowMs);
      const first = latency(random);
      const second = delayMs + latency(random);
      if (delayMs < 0 || first <= delayMs) {
        delay.answered(first, nowMs);
      } else {
        hedges += 1;
        delay.answered(first < second ? first : second - delayMs, nowMs);
        // The one that lost was given up at this moment.
        if (notesSilence) delay.unanswered(first < second ? first - delayMs : second, nowMs);
      }
    }
    return { hedges, delayMs: delay.at(200_000) };
  }

  test("stays where it is although those that are slow are given up", () => {
    const { hedges, delayMs } = hedged(95, true);
    // Half of the slow ones are slower than this.
    expect(delayMs).toBeGreaterThan(700);
    expect(delayMs).toBeLessThan(800);
    expect(hedges).toBeGreaterThan(800);
    expect(hedges).toBeLessThan(1_100);
  });

  test("would fall and fall if they did not count", () => {
    const { hedges, delayMs } = hedged(95, false);
    expect(delayMs).toBeLessThan(600);
    expect(hedges).toBeGreaterThan(1_200);
  });
});

function setUp(hedge: HedgeRules | false, { backends = 3, timeoutMs = 1_000, retries = 2 } = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer(
    {
      backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries, retryOn: ["connect", "reset"], hedge },
    },
    clock,
    seededRandom(1),
    () => {},
  );
  const attempts = new Attempts(balancer, { timeoutMs, tryTimeoutMs: 0, requestTimeoutMs: 0 });
  const next = () => {
    const backend = attempts.next();
    if (backend === undefined) throw new Error("no backend");
    return backend;
  };
  return { clock, balancer, attempts, next };
}

describe("a second try", () => {
  test("is not made unless it is asked for", () => {
    const { attempts } = setUp(false);
    attempts.admit("");
    expect(attempts.hedgeDelayMs).toBe(-1);
  });

  test("is not made for a request of a session, which only one backend knows", () => {
    const { attempts } = setUp({ afterMs: 20 });
    attempts.admit("", "session");
    expect(attempts.hedgeDelayMs).toBe(-1);
    attempts.admit("");
    expect(attempts.hedgeDelayMs).toBe(20);
  });

  test("goes to another backend, once, and later tries to yet another", () => {
    const { attempts, next, clock } = setUp({ afterMs: 20 });
    attempts.admit("");
    const first = next();
    expect(attempts.hedgeDelayMs).toBe(20);
    clock.advance(20);
    const second = attempts.hedge(first) as Backend;
    expect(second).not.toBe(first);
    expect(attempts.nowMs).toBe(clock.nowMs());
    expect(attempts.hedgeDelayMs).toBe(-1);
    expect(attempts.hedge(first)).toBeUndefined();
    expect(attempts.mayTryAgain(second, Outcome.reset, true, true)).toBe(true);
    expect([first, second]).not.toContain(next());
    // The next request has one again.
    attempts.admit("");
    expect(attempts.hedgeDelayMs).toBe(20);
  });

  test("is not made where there is no other backend, or none that was not tried", () => {
    for (const backends of [1, 2]) {
      const { attempts, next, clock } = setUp({ afterMs: 20 }, { backends });
      attempts.admit("");
      let backend = next();
      for (let count = 1; count < backends; count++) {
        attempts.mayTryAgain(backend, Outcome.reset, true, true);
        backend = next();
      }
      clock.advance(20);
      expect(attempts.hedge(backend)).toBeUndefined();
    }
  });

  test("is not made when there is no time left", () => {
    const { attempts, next, clock } = setUp({ afterMs: 20 });
    attempts.admit("");
    const backend = next();
    clock.advance(1_000);
    expect(attempts.hedge(backend)).toBeUndefined();
  });

  test("comes out of the budget of retries, and one that cannot be made costs nothing of it", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("hedge", "retry", "alone"), { minLength: 500 }), (deeds) => {
        const { attempts, next, balancer } = setUp({ afterMs: 1 }, { backends: 2, timeoutMs: 0 });
        let taken = 0;
        for (const [index, deed] of deeds.entries()) {
          attempts.admit("");
          const backend = next();
          if (deed === "retry") {
            if (attempts.mayTryAgain(backend, Outcome.reset, true, true)) taken += 1;
          } else if (deed === "hedge") {
            if (attempts.hedge(backend) !== undefined) taken += 1;
          } else {
            const other = balancer.pool.members.find((member) => member !== backend) as Backend;
            balancer.health.unreachable(other, "gone");
            expect(attempts.hedge(backend)).toBeUndefined();
            balancer.health.checked(other, true, "back", 1e12);
          }
          expect(taken).toBeLessThanOrEqual(Math.max(100, 0.2 * (index + 1)));
        }
        const wanted = deeds.filter((deed) => deed !== "alone").length;
        expect(taken).toBeGreaterThanOrEqual(Math.min(wanted, 100));
      }),
      { numRuns: 20 },
    );
  });

  test("given up is counted, and is no failure", () => {
    const { balancer } = setUp({ afterMs: 1 });
    const [backend] = balancer.pool.members as [Backend];
    balancer.begin(backend);
    balancer.end(backend, Outcome.cancelled, "");
    expect(balancer.status()[0]).toMatchObject({
      requests: 1,
      failures: 0,
      cancelled: 1,
      inFlight: 0,
      alive: true,
    });
  });
});
