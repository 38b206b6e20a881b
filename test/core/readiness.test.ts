import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Backend, Exclusion, State } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import type { StateChange } from "../../src/core/health.ts";
import { Outcome } from "../../src/core/outcome.ts";
import type { PanicChange } from "../../src/core/panic.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

function setUp(config: Partial<BalancerConfig> = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const panics: PanicChange[] = [];
  const balancer = new Balancer(
    {
      backends: Array.from({ length: 4 }, (_, index) => sampleSpec(index)),
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries: 0, retryOn: [] },
      ...config,
    },
    clock,
    seededRandom(1),
    (change) => changes.push(change),
    { onPanic: (change) => panics.push(change) },
  );
  const member = (index: number) => balancer.pool.members[index] as Backend;
  const check = (index: number, passed: boolean, reached = true) => {
    balancer.health.checked(member(index), passed, "GET / answered", clock.nowMs(), reached);
  };
  const picks = (count: number) =>
    Array.from({ length: count }, () => balancer.pick("", undefined, clock.nowMs()));
  return { clock, changes, panics, balancer, member, check, picks };
}

describe("draining", () => {
  const drained = (...which: number[]) =>
    Array.from({ length: 4 }, (_, index) => ({ ...sampleSpec(index), drain: which.includes(index) }));

  test("a member gets no new requests, finishes those it has, and is told of once", () => {
    const { balancer, member, picks, changes } = setUp();
    balancer.begin(member(1));
    balancer.setBackends(drained(1));
    expect(new Set(picks(9))).toEqual(new Set([member(0), member(2), member(3)]));
    expect(balancer.status()[1]).toMatchObject({ alive: false, state: "draining", inFlight: 1 });
    balancer.end(member(1), Outcome.ok, "");
    expect(balancer.status()[1]).toMatchObject({ state: "draining", inFlight: 0, requests: 1 });
    balancer.setBackends(drained(1));
    balancer.setBackends(drained());
    expect(new Set(picks(8))).toContain(member(1));
    expect(changes.map(({ state, available, reason }) => [state, available, reason])).toEqual([
      ["draining", false, "drained, 1 under way"],
      ["unchecked", true, "drained no more"],
    ]);
  });

  test("it is checked on, and comes back as its checks say", () => {
    const { balancer, member, check } = setUp();
    balancer.setBackends(drained(0));
    check(0, false);
    expect(member(0).stateName).toBe("draining");
    balancer.setBackends(drained());
    expect(member(0).stateName).toBe("down");
  });

  test("it may be there from the start, and if all are, nothing is given", () => {
    const { balancer, changes } = setUp({ backends: drained(0, 1, 2, 3) });
    expect(balancer.pick("", undefined, 0)).toBeUndefined();
    expect(changes).toEqual([]);
  });
});

describe("panic", () => {
  test("is told once when it begins and once when it ends", () => {
    const { balancer, panics, member, check, picks } = setUp({ panicThreshold: "auto" });
    check(0, false);
    check(1, false);
    expect(panics).toEqual([]);
    check(2, false);
    expect(balancer.isPanicking).toBe(true);
    expect(new Set(picks(8))).toEqual(new Set(balancer.pool.members));
    expect(balancer.status().map(({ alive, state }) => [alive, state])).toEqual([
      [false, "down"],
      [false, "down"],
      [false, "down"],
      [true, "unchecked"],
    ]);
    check(3, true);
    check(0, true);
    check(1, true);
    expect(new Set(picks(6))).toEqual(new Set([member(0), member(1), member(3)]));
    expect(panics).toEqual([
      { panicking: true, available: 1, members: 4 },
      { panicking: false, available: 2, members: 4 },
    ]);
  });

  test("does not begin for backends that nothing can connect to, nor when all are out", () => {
    const { balancer, panics, member, check } = setUp({ panicThreshold: "auto" });
    for (const index of [0, 1, 2]) check(index, false, false);
    expect(balancer.pool.ready).toEqual([member(3)]);
    check(3, false);
    expect(balancer.pick("", undefined, 0)).toBeUndefined();
    expect(panics).toEqual([]);
  });

  test("ends, and is told, when the membership changes", () => {
    const { balancer, panics, check } = setUp({ panicThreshold: "auto" });
    for (const index of [0, 1, 2]) check(index, false);
    balancer.setBackends([sampleSpec(2), sampleSpec(3)]);
    expect(panics.map(({ panicking, members }) => [panicking, members])).toEqual([
      [true, 4],
      [false, 2],
    ]);
  });
});

describe("tiers", () => {
  const tiered = [sampleSpec(0), sampleSpec(1), sampleSpec(2), sampleSpec(3, 1, 1), sampleSpec(4, 1, 1)];

  test("without a factor the second is in reserve", () => {
    const { check, picks, member } = setUp({ backends: tiered });
    check(0, false);
    check(1, false);
    expect(new Set(picks(6))).toEqual(new Set([member(2)]));
    check(2, false);
    expect(picks(4)).toEqual([member(3), member(4), member(3), member(4)]);
  });

  test("with one it takes what the first cannot", () => {
    const { check, picks, member, balancer } = setUp({ backends: tiered, overprovisioning: 1.2 });
    check(0, false);
    const picked = picks(100);
    const of = (index: number) => picked.filter((backend) => backend === member(index)).length;
    expect(balancer.pool.members.map((_, index) => of(index))).toEqual([0, 40, 40, 10, 10]);
  });
});

type Step =
  | { readonly kind: "request"; readonly avoid: number }
  | { readonly kind: "end"; readonly at: number; readonly outcome: Outcome }
  | { readonly kind: "check"; readonly index: number; readonly passed: boolean; readonly reached: boolean }
  | { readonly kind: "set"; readonly drain: number; readonly leave: number }
  | { readonly kind: "wait"; readonly ms: number };

const SIZE = 8;
const bits = fc.nat({ max: 2 ** SIZE - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("request" as const), avoid: fc.oneof(fc.constant(0), bits) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      at: fc.nat({ max: 50 }),
      outcome: fc.constantFrom(...Object.values(Outcome), Outcome.ok, Outcome.gatewayError, Outcome.reset),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("check" as const),
      index: fc.nat({ max: SIZE - 1 }),
      passed: fc.boolean(),
      reached: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("set" as const), drain: bits, leave: bits }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  },
);

test("whatever happens, who is out gets nothing but by panic, and limits, drains and open circuits hold even then", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.constantFrom(0, 1.4),
      fc.constantFrom<"auto" | number>("auto", 0, 80),
      fc.boolean(),
      (steps, overprovisioning, panicThreshold, checked) => {
        const specs = Array.from({ length: SIZE }, (_, index) => ({
          ...sampleSpec(index, 1 + (index % 3), index % 3),
          maxInFlight: index % 4,
        }));
        const { clock, balancer } = setUp({
          backends: specs,
          health: { rise: 1, fall: 1, checked },
          overprovisioning,
          panicThreshold,
          slowStart: { windowMs: 20_000, aggression: 1, minWeightPercent: 10 },
          circuitBreaker: {
            errorPercent: 50,
            minRequests: 4,
            windowMs: 10_000,
            openMs: 5_000,
            maxOpenMs: 60_000,
            probes: 2,
          },
          outlierDetection: {
            consecutiveGatewayFailures: 3,
            consecutive5xx: 5,
            successRateDeviation: 1,
            successRateMinHosts: 2,
            successRateMinRequests: 2,
            failurePercent: 60,
            failureMinHosts: 1,
            failureMinRequests: 3,
            intervalMs: 10_000,
            ejectionMs: 30_000,
            maxEjectionMs: 300_000,
            maxEjectedPercent: 50,
          },
        });
        const open: { readonly backend: Backend; readonly startMs: number }[] = [];
        for (const step of steps) {
          const { members } = balancer.pool;
          if (step.kind === "wait") clock.advance(step.ms);
          else if (step.kind === "set") {
            const stay = specs.flatMap((spec, index) =>
              (step.leave & (1 << index)) === 0
                ? [{ ...spec, drain: (step.drain & (1 << index)) !== 0 }]
                : [],
            );
            balancer.setBackends(stay.length === 0 ? specs : stay);
          } else if (step.kind === "check") {
            const backend = members[step.index % members.length] as Backend;
            if (checked) {
              balancer.health.checked(backend, step.passed, "", clock.nowMs(), step.passed || step.reached);
            }
          } else if (step.kind === "end") {
            const [ended] = open.splice(step.at % Math.max(1, open.length), 1);
            if (ended !== undefined) balancer.end(ended.backend, step.outcome, "", ended.startMs);
          } else {
            const avoid = members.filter((_, index) => (step.avoid & (1 << index)) !== 0);
            const backend = balancer.pick("", avoid, clock.nowMs());
            if (backend === undefined) continue;
            expect(members).toContain(backend);
            if (!balancer.isPanicking) expect(backend.available).toBe(true);
            for (const reason of [Exclusion.draining, Exclusion.open, Exclusion.unreachable]) {
              expect(backend.isExcluded(reason)).toBe(false);
            }
            if (backend.maxInFlight > 0) expect(backend.inFlight).toBeLessThan(backend.maxInFlight);
            expect(backend.circuit?.isSpent).toBe(false);
            balancer.begin(backend, clock.nowMs());
            open.push({ backend, startMs: clock.nowMs() });
          }
        }
        expect(balancer.inFlight).toBe(open.length);
        // When all is quiet, and checks are good, everything comes back as it was.
        for (const { backend, startMs } of open) balancer.end(backend, Outcome.ok, "", startMs);
        balancer.setBackends(specs);
        clock.advance(600_000);
        for (const backend of balancer.pool.members) {
          if (checked) balancer.health.checked(backend, true, "", clock.nowMs());
        }
        clock.advance(600_000);
        for (const backend of balancer.pool.members) {
          expect([backend.available, backend.inFlight, backend.isFull]).toEqual([true, 0, false]);
          expect(backend.weight).toBe(backend.ownWeight);
          if (checked) expect(backend.state).toBe(State.up);
        }
        expect(clock.pending).toBe(0);
      },
    ),
  );
});
