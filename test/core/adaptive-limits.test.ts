import { describe, expect, test } from "bun:test";
import { ADAPTIVE_CONCURRENCY_DEFAULTS } from "../../src/config/adaptive-concurrency.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { ConcurrencyRules } from "../../src/core/concurrency-limit.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

describe("a balancer with limits that follow latencies", () => {
  function balancerWith(
    maxInFlight = 0,
    adaptiveConcurrency: ConcurrencyRules | false = ADAPTIVE_CONCURRENCY_DEFAULTS,
  ) {
    const clock = new VirtualClock();
    const balancer = new Balancer(
      {
        backends: [sampleSpec(0), sampleSpec(1)],
        algorithm: "round-robin",
        health: { rise: 1, fall: 1, checked: true },
        retry: { retries: 0, retryOn: [] },
        maxInFlight,
        adaptiveConcurrency,
      },
      clock,
      seededRandom(1),
      () => {},
    );
    const fill = () => {
      for (let backend = balancer.pick("", undefined, clock.nowMs()); backend !== undefined; ) {
        balancer.begin(backend, clock.nowMs());
        backend = balancer.pick("", undefined, clock.nowMs());
      }
    };
    const inFlight = () => balancer.pool.members.map((backend) => backend.inFlight);
    return { clock, balancer, fill, inFlight };
  }

  test("gives a backend no more than its limit, and tells it", () => {
    const { balancer, fill, inFlight } = balancerWith();
    fill();
    expect(inFlight()).toEqual([20, 20]);
    expect(balancer.status().map(({ limit }) => limit)).toEqual([20, 20]);
  });

  test("keeps to a fixed limit that is less", () => {
    const { balancer, fill, inFlight } = balancerWith(5);
    fill();
    expect(inFlight()).toEqual([5, 5]);
    expect(balancer.status().map(({ limit }) => limit)).toEqual([5, 5]);
  });

  test("has no limit to tell where none is asked for", () => {
    const { balancer } = balancerWith(0, false);
    expect(balancer.status()[0]).not.toHaveProperty("limit");
    expect(balancer.pool.members[0]?.concurrency).toBeUndefined();
  });

  test.each([
    ["a time-out", Outcome.timedOut, 18],
    ["a 502, 503 or 504", Outcome.gatewayError, 18],
    ["a 500", Outcome.serverError, 20],
    ["a client that left", Outcome.clientGone, 20],
  ] as const)("lowers it, or not, by %s", (_, outcome, expected) => {
    const { clock, balancer, fill } = balancerWith();
    fill();
    const startMs = clock.nowMs();
    clock.advance(1_000);
    const [backend] = balancer.pool.members as [Backend];
    balancer.end(backend, outcome, "", startMs);
    expect(backend.concurrency?.limit).toBe(expected);
  });

  test("gives a backend that was full its room back when a limit rises by itself", () => {
    const { clock, balancer, fill } = balancerWith();
    const [backend] = balancer.pool.members as [Backend];
    fill();
    for (let count = 0; count < 200 && backend.concurrency?.limit === 20; count++) {
      const startMs = clock.nowMs();
      clock.advance(10);
      balancer.answered(backend, startMs);
    }
    // Being measured, it has too many now.
    expect([backend.concurrency?.limit, backend.isFull]).toEqual([6, true]);
    clock.advance(60_000);
    expect([backend.concurrency?.limit, backend.isFull]).toEqual([20, true]);
    balancer.end(backend, Outcome.ok, "");
    expect(backend.isFull).toBe(false);
  });

  test("keeps the limit of a backend that stays, and nothing of one that leaves", () => {
    const { clock, balancer, fill } = balancerWith();
    const [backend] = balancer.pool.members as [Backend];
    fill();
    for (let count = 0; count < 200 && backend.concurrency?.limit === 20; count++) {
      const startMs = clock.nowMs();
      clock.advance(10);
      balancer.answered(backend, startMs);
    }
    const { concurrency } = backend;
    balancer.setBackends([sampleSpec(0), sampleSpec(2)]);
    expect(balancer.pool.members.map((member) => member.concurrency?.limit)).toEqual([6, 20]);
    expect(balancer.pool.members[0]?.concurrency).toBe(concurrency);
    const { pending } = clock;
    balancer.setBackends([sampleSpec(2)]);
    expect(clock.pending).toBe(pending - 1);
  });
});
