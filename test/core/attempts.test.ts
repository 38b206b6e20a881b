import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Attempts } from "../../src/core/attempts.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { neverSent, Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { RETRY_CONDITIONS, type RetryCondition } from "../../src/core/retry.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

interface Given {
  readonly backends?: number;
  readonly retries?: number;
  readonly retryOn?: readonly RetryCondition[];
  readonly timeoutMs?: number;
  readonly seed?: number;
}

function setUp(given: Given = {}) {
  const { backends = 3, retries = 2, retryOn = RETRY_CONDITIONS, timeoutMs = 60_000, seed = 1 } = given;
  const clock = new VirtualClock();
  const balancer = new Balancer(
    {
      backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries, retryOn },
    },
    clock,
    seededRandom(seed),
    () => {},
  );
  const attempts = new Attempts(balancer, { timeoutMs, tryTimeoutMs: 0, requestTimeoutMs: 0 });
  return { clock, balancer, attempts };
}

function next(attempts: Attempts): Backend {
  const backend = attempts.next();
  if (backend === undefined) throw new Error("no backend");
  return backend;
}

/** How a try went: it failed, or was answered with a status that says that the backend did not do its work. */
type Deed =
  | { readonly outcome: Outcome; readonly tookMs: number }
  | { readonly status: number; readonly retryAfterMs: number; readonly tookMs: number };

const tookMs = fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 2_000 }));
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ outcome: fc.constantFrom(...Object.values(Outcome)), tookMs }),
  fc.record({
    status: fc.constantFrom(500, 501, 502, 503, 504),
    retryAfterMs: fc.oneof(fc.constant(0), fc.constantFrom(1_000, 3_000, Number.POSITIVE_INFINITY)),
    tookMs,
  }),
);

const world = fc.record({
  seed: fc.nat(),
  backends: fc.integer({ min: 1, max: 4 }),
  retries: fc.nat({ max: 5 }),
  retryOn: fc.subarray([...RETRY_CONDITIONS]),
  timeoutMs: fc.constantFrom(0, 500, 5_000),
  idempotent: fc.boolean(),
  replayable: fc.boolean(),
  deeds: fc.array(deed, { minLength: 8, maxLength: 8 }),
});

test("whatever happens: as many tries as there may be, each elsewhere, in time, and safe", () => {
  fc.assert(
    fc.property(world, ({ deeds, idempotent, replayable, ...given }) => {
      const { attempts, balancer, clock } = setUp(given);
      const startMs = clock.nowMs();
      const tried: Backend[] = [];
      const heldUntilMs = new Map<Backend, number>();
      attempts.admit("");
      for (const deed of deeds) {
        const untried = balancer.pool.ready.filter((backend) => !tried.includes(backend));
        const { waitMs } = attempts;
        clock.advance(waitMs);
        const backend = attempts.next();
        if (backend === undefined) {
          expect(balancer.pool.ready).toEqual([]);
          return;
        }
        if (untried.length > 0) {
          expect(waitMs).toBe(0);
          expect(untried).toContain(backend);
        }
        expect(clock.nowMs()).toBeGreaterThanOrEqual(heldUntilMs.get(backend) ?? 0);
        if (given.timeoutMs > 0) expect(clock.nowMs() - startMs).toBeLessThanOrEqual(given.timeoutMs);
        expect(attempts.nowMs).toBe(clock.nowMs());
        tried.push(backend);
        expect(tried.length).toBeLessThanOrEqual(1 + given.retries);
        balancer.begin(backend);
        // A time-out is due by then.
        const leftMs = given.timeoutMs === 0 ? deed.tookMs : startMs + given.timeoutMs - clock.nowMs();
        clock.advance(Math.min(deed.tookMs, leftMs));
        if ("outcome" in deed) {
          balancer.end(backend, deed.outcome, "");
          if (!attempts.mayTryAgain(backend, deed.outcome, idempotent, replayable)) return;
          expect(replayable).toBe(true);
          expect(idempotent || neverSent(deed.outcome)).toBe(true);
        } else {
          const { status, retryAfterMs } = deed;
          balancer.end(backend, Outcome.gatewayError, "");
          if (!attempts.mayReplace(backend, status, retryAfterMs, idempotent, replayable)) return;
          expect([idempotent, replayable]).toEqual([true, true]);
          expect(given.retryOn).toContain(String(status) as RetryCondition);
          if (retryAfterMs > 0) heldUntilMs.set(backend, clock.nowMs() + retryAfterMs);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

describe("a backend that was tried", () => {
  test("is tried again after a wait, which grows", () => {
    const longest = [25, 50, 100, 200, 250];
    for (let seed = 0; seed < 50; seed++) {
      const { attempts, clock } = setUp({ backends: 1, retries: 5, seed });
      attempts.admit("");
      for (const limitMs of longest) {
        const backend = next(attempts);
        expect(attempts.mayTryAgain(backend, Outcome.reset, true, true)).toBe(true);
        expect(attempts.waitMs).toBeLessThan(limitMs);
        clock.advance(attempts.waitMs);
      }
    }
  });

  test("is passed over for one that came back while it was waited for", () => {
    const { attempts, balancer, clock } = setUp({ backends: 2 });
    const [first, second] = balancer.pool.members as [Backend, Backend];
    balancer.health.unreachable(second, "gone");
    attempts.admit("");
    expect(next(attempts)).toBe(first);
    expect(attempts.mayTryAgain(first, Outcome.reset, true, true)).toBe(true);
    balancer.health.checked(second, true, "back", clock.nowMs());
    clock.advance(attempts.waitMs);
    expect(next(attempts)).toBe(second);
  });
});

describe("Retry-After", () => {
  test("is waited for where there is no other backend", () => {
    const { attempts, clock } = setUp({ backends: 1 });
    attempts.admit("");
    const backend = next(attempts);
    expect(attempts.mayReplace(backend, 503, 2_000, true, true)).toBe(true);
    expect(attempts.waitMs).toBe(2_000);
    clock.advance(2_000);
    expect(next(attempts)).toBe(backend);
  });

  test("does not keep a request from other backends, and holds through their failures", () => {
    const { attempts, balancer, clock } = setUp({ backends: 2, retries: 3 });
    const [first, second] = balancer.pool.members as [Backend, Backend];
    attempts.admit("");
    expect(next(attempts)).toBe(first);
    expect(attempts.mayReplace(first, 503, 5_000, true, true)).toBe(true);
    expect(attempts.waitMs).toBe(0);
    expect(next(attempts)).toBe(second);
    expect(attempts.mayTryAgain(second, Outcome.reset, true, true)).toBe(true);
    expect(attempts.waitMs).toBeLessThan(25);
    clock.advance(attempts.waitMs);
    // It would be the first one's turn.
    expect(next(attempts)).toBe(second);
  });

  test.each([
    [0, 60_000, true],
    [0, 60_001, false],
    [10_000, 9_999, true],
    [10_000, 10_000, false],
    [10_000, Number.POSITIVE_INFINITY, false],
  ])("with a time-out of %d ms, %d ms is in time: %p", (timeoutMs, retryAfterMs, expected) => {
    const { attempts } = setUp({ backends: 1, timeoutMs });
    attempts.admit("");
    expect(attempts.mayReplace(next(attempts), 503, retryAfterMs, true, true)).toBe(expected);
  });
});

test("an answer passes where there is no other backend at all, and costs nothing of the budget", () => {
  const { attempts, balancer, clock } = setUp({ backends: 1, retries: 100 });
  const [backend] = balancer.pool.members as [Backend];
  for (let count = 0; count < 200; count++) {
    attempts.admit("");
    expect(next(attempts)).toBe(backend);
    balancer.health.unreachable(backend, "gone");
    expect(attempts.mayReplace(backend, 503, 0, true, true)).toBe(false);
    balancer.health.checked(backend, true, "back", clock.nowMs());
  }
  attempts.admit("");
  expect(attempts.mayReplace(next(attempts), 503, 0, true, true)).toBe(true);
});

test("the budget is never exceeded, whichever way there is another try", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 700, maxLength: 700 }), (byStatus) => {
      const { attempts } = setUp({ retries: 1 });
      let retries = 0;
      for (const isStatus of byStatus) {
        attempts.admit("");
        const backend = next(attempts);
        const again = isStatus
          ? attempts.mayReplace(backend, 503, 0, true, true)
          : attempts.mayTryAgain(backend, Outcome.reset, true, true);
        if (again) retries += 1;
      }
      expect(retries).toBe(140);
    }),
    { numRuns: 20 },
  );
});
