import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Backend, Exclusion, State } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { EjectionRules } from "../../src/core/ejection.ts";
import type { StateChange } from "../../src/core/health.ts";
import { isGatewayFailure, Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RULES: EjectionRules = {
  consecutiveGatewayFailures: 5,
  consecutive5xx: 0,
  successRateDeviation: 0,
  successRateMinHosts: 5,
  successRateMinRequests: 100,
  failurePercent: 0,
  failureMinHosts: 5,
  failureMinRequests: 50,
  intervalMs: 10_000,
  ejectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectedPercent: 10,
};

function setUp(backends: number, rules: Partial<EjectionRules> = {}, { rise = 1, checked = true } = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const balancer = new Balancer(
    {
      backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
      algorithm: "round-robin",
      health: { rise, fall: 1, checked },
      retry: { retries: 0, retryOn: [] },
      outlierDetection: { ...RULES, ...rules },
    },
    clock,
    seededRandom(1),
    (change) => changes.push(change),
  );
  const { members } = balancer.pool;
  const exchange = (index: number, outcome: Outcome, times = 1, startMs = clock.nowMs()) => {
    for (let count = 0; count < times; count++) {
      balancer.begin(members[index] as Backend);
      balancer.end(members[index] as Backend, outcome, "failed", startMs);
    }
  };
  const check = (index: number, passed = true, startedMs = clock.nowMs()) => {
    balancer.health.checked(members[index] as Backend, passed, "GET / answered", startedMs);
  };
  const ejected = () => members.flatMap(({ stateName }, index) => (stateName === "ejected" ? [index] : []));
  return { clock, changes, balancer, members, exchange, check, ejected };
}

describe("failures in a row", () => {
  const { connectFailed, gatewayError, reset, serverError, ok, clientGone, requestBroken, noRoom } = Outcome;

  test.each(Object.entries(Outcome))("five of %s", (_name, outcome) => {
    const { exchange, ejected } = setUp(3);
    exchange(1, outcome, 4);
    expect(ejected()).toEqual([]);
    exchange(1, outcome);
    // A refused connection has taken it out already.
    const isEjected = isGatewayFailure(outcome) && outcome !== connectFailed;
    expect(ejected()).toEqual(isEjected ? [1] : []);
  });

  test("any answer that does its work ends the row, and so does an error of the application's", () => {
    for (const outcome of [ok, serverError]) {
      const { exchange, ejected } = setUp(3);
      exchange(1, gatewayError, 4);
      exchange(1, outcome);
      exchange(1, reset, 4);
      expect(ejected()).toEqual([]);
      exchange(1, reset);
      expect(ejected()).toEqual([1]);
    }
  });

  test("what the client did, or this side, neither counts nor ends the row", () => {
    const { exchange, ejected } = setUp(3);
    exchange(1, gatewayError, 4);
    for (const outcome of [clientGone, requestBroken, noRoom]) exchange(1, outcome, 20);
    expect(ejected()).toEqual([]);
    exchange(1, gatewayError);
    expect(ejected()).toEqual([1]);
  });

  test("errors of the application's count where that is asked for", () => {
    const { exchange, ejected, changes } = setUp(3, { consecutive5xx: 3, consecutiveGatewayFailures: 0 });
    exchange(0, serverError, 2);
    exchange(0, gatewayError);
    expect(ejected()).toEqual([0]);
    expect(changes[0]?.reason).toBe("3 failures in a row, for 30 s");
    exchange(1, gatewayError, 20);
    expect(ejected()).toEqual([0]);
  });

  test("0 turns it off", () => {
    const { exchange, ejected } = setUp(3, { consecutiveGatewayFailures: 0 });
    for (const outcome of [serverError, gatewayError, ok, reset]) exchange(0, outcome, 50);
    expect(ejected()).toEqual([]);
  });
});

describe("an ejection", () => {
  const eject = (stage: ReturnType<typeof setUp>, index = 0) => stage.exchange(index, Outcome.reset, 5);

  test("keeps requests away, and is told once, as is its end", () => {
    const stage = setUp(3);
    const { balancer, members, clock, changes } = stage;
    eject(stage);
    stage.exchange(0, Outcome.reset, 50);
    for (let count = 0; count < 10; count++) expect(balancer.pick("", undefined, 0)).not.toBe(members[0]);
    expect(balancer.status()[0]).toMatchObject({ alive: false, state: "ejected", ejections: 1 });
    clock.advance(29_999);
    expect(stage.ejected()).toEqual([0]);
    clock.advance(1);
    expect(balancer.status()[0]).toMatchObject({ alive: true, state: "unchecked", ejections: 1 });
    expect(changes.map(({ state, byTraffic, reason }) => [state, byTraffic, reason])).toEqual([
      ["ejected", true, "5 gateway failures in a row, for 30 s"],
      ["unchecked", true, "ejected for 30 s, now tried again"],
    ]);
    expect(clock.pending).toBe(0);
  });

  /** How long an ejection that begins now lasts. */
  function durationMs(stage: ReturnType<typeof setUp>): number {
    eject(stage);
    const startMs = stage.clock.nowMs();
    while (stage.ejected().length > 0) stage.clock.advance(1_000);
    return stage.clock.nowMs() - startMs;
  }

  test("lasts longer each time, up to the longest, and shorter again after each good interval", () => {
    const stage = setUp(3);
    const durations = Array.from({ length: 12 }, () => durationMs(stage));
    expect(durations).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300].map((s) => s * 1000));
    stage.clock.advance(40_000);
    expect(durationMs(stage)).toBe(210_000);
    stage.clock.advance(9_999);
    expect(durationMs(stage)).toBe(240_000);
    stage.clock.advance(3_600_000);
    expect(durationMs(stage)).toBe(30_000);
  });

  test("lasts the base time where the longest is shorter", () => {
    const stage = setUp(3, { ejectionMs: 5_000, maxEjectionMs: 1_000 });
    expect([durationMs(stage), durationMs(stage)]).toEqual([5_000, 5_000]);
  });

  test("ends with a good check that began after it, and with no other", () => {
    const stage = setUp(3, {}, { rise: 2 });
    const { clock, check, ejected, changes } = stage;
    check(0);
    const beforeMs = clock.nowMs();
    clock.advance(1_000);
    eject(stage);
    check(0, true, beforeMs);
    check(0, true, beforeMs);
    clock.advance(1_000);
    check(0);
    check(1);
    check(1);
    expect(ejected()).toEqual([0]);
    check(0);
    expect(ejected()).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ state: "up", byTraffic: false, reason: "GET / answered" });
    expect(clock.pending).toBe(0);
  });

  test("of a backend that then goes down ends unheard, and the checks decide", () => {
    const stage = setUp(3);
    const { clock, check, members, changes } = stage;
    eject(stage);
    check(0, false);
    expect(members[0]?.stateName).toBe("down");
    clock.advance(60_000);
    expect(members[0]?.isExcluded(Exclusion.ejected)).toBe(false);
    expect(changes.map(({ state }) => state)).toEqual(["ejected", "down"]);
    check(0);
    expect(members[0]?.state).toBe(State.up);
    expect(members[0]?.available).toBe(true);
  });

  test("is not followed by another for what began before it ended", () => {
    const stage = setUp(3);
    const startMs = stage.clock.nowMs();
    eject(stage);
    stage.clock.advance(30_000);
    stage.exchange(0, Outcome.timedOut, 100, startMs);
    expect(stage.ejected()).toEqual([]);
    eject(stage);
    expect(stage.ejected()).toEqual([0]);
  });

  test("leaves no timer when the backend leaves the pool, and nobody is told of those that left", () => {
    const stage = setUp(3);
    const { balancer, clock, changes } = stage;
    eject(stage);
    balancer.setBackends([sampleSpec(2), sampleSpec(3)]);
    expect(clock.pending).toBe(0);
    stage.exchange(0, Outcome.reset, 20);
    stage.exchange(1, Outcome.reset, 20);
    expect(changes).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe("how many may be ejected", () => {
  test.each([
    [1, 10, 0],
    [2, 10, 1],
    [2, 100, 1],
    [3, 0, 1],
    [9, 10, 1],
    [19, 10, 1],
    [20, 10, 2],
    [10, 50, 5],
    [10, 100, 9],
  ])("of %d, with at most %d %%: %d", (backends, maxEjectedPercent, expected) => {
    const { exchange, ejected } = setUp(backends, { maxEjectedPercent });
    for (let index = 0; index < backends; index++) exchange(index, Outcome.gatewayError, 50);
    expect(ejected()).toHaveLength(expected);
  });

  test("the last that is available stays, whatever takes the others out", () => {
    const { exchange, check, ejected } = setUp(3, { maxEjectedPercent: 100 });
    check(0, false);
    check(1, false);
    exchange(2, Outcome.gatewayError, 50);
    expect(ejected()).toEqual([]);
    check(1);
    exchange(2, Outcome.gatewayError, 5);
    expect(ejected()).toEqual([2]);
  });
});

type Step =
  | { readonly kind: "exchange"; readonly index: number; readonly outcome: Outcome; readonly times: number }
  | { readonly kind: "check"; readonly index: number; readonly passed: boolean }
  | { readonly kind: "wait"; readonly ms: number };

const SIZE = 12;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("exchange" as const),
    index: fc.nat({ max: SIZE - 1 }),
    outcome: fc.constantFrom(...Object.values(Outcome)),
    times: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ kind: fc.constant("check" as const), index: fc.nat({ max: SIZE - 1 }), passed: fc.boolean() }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 200_000 }) }),
);

test("whatever happens: the cap holds, one stays, nobody ejected is picked, and every ejection is limited", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: SIZE }),
      fc.integer({ min: 0, max: 100 }),
      fc.array(step, { maxLength: 80 }),
      (size, maxEjectedPercent, steps) => {
        const { clock, balancer, members, exchange, check, ejected } = setUp(size, {
          maxEjectedPercent,
          consecutive5xx: 7,
          successRateDeviation: 1,
          successRateMinHosts: 2,
          successRateMinRequests: 3,
          failurePercent: 50,
          failureMinHosts: 1,
          failureMinRequests: 3,
        });
        const most = Math.max(1, Math.floor((size * maxEjectedPercent) / 100));
        const isOut = ({ excluded }: Backend) => (excluded & Exclusion.ejected) !== 0;
        for (const step of steps) {
          const before = members.filter(isOut).length;
          if (step.kind === "wait") clock.advance(step.ms);
          else if (step.kind === "check") check(step.index % size, step.passed);
          else exchange(step.index % size, step.outcome, step.times);
          const out = members.filter(isOut);
          expect(out.length).toBeLessThanOrEqual(most);
          if (out.length > before) expect(members.some((backend) => backend.available)).toBe(true);
          for (const backend of out) expect(clock.nowMs() - backend.ejectedAtMs).toBeLessThan(300_000);
          const picked = balancer.pick("", undefined, clock.nowMs());
          if (picked !== undefined) expect(isOut(picked)).toBe(false);
          if (size === 1) expect(ejected()).toEqual([]);
        }
        clock.advance(300_001 + RULES.intervalMs * 2);
        expect(members.filter(isOut)).toEqual([]);
        expect(clock.pending).toBe(0);
      },
    ),
  );
});
