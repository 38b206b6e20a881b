import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BreakerRules } from "../../src/core/breaker.ts";
import { CircuitState } from "../../src/core/circuit.ts";
import type { StateChange } from "../../src/core/health.ts";
import { isFailure, Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RULES: BreakerRules = {
  errorPercent: 50,
  minRequests: 20,
  windowMs: 10_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
  probes: 3,
};

const { ok, serverError, clientGone } = Outcome;

function setUp(backends = 1, rules: Partial<BreakerRules> = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const balancer = new Balancer(
    {
      backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries: 0, retryOn: [] },
      circuitBreaker: { ...RULES, ...rules },
    },
    clock,
    seededRandom(1),
    (change) => changes.push(change),
  );
  const backend = balancer.pool.members[0] as Backend;
  /** Begins an exchange at the first backend, and gives what ends it. */
  const begin = () => {
    const startMs = clock.nowMs();
    balancer.begin(backend, startMs);
    return (outcome: Outcome) => balancer.end(backend, outcome, "", startMs);
  };
  const exchange = (outcome: Outcome, times = 1) => {
    for (let count = 0; count < times; count++) begin()(outcome);
  };
  const pick = () => balancer.pick("", undefined, clock.nowMs());
  return { clock, changes, balancer, backend, begin, exchange, pick };
}

/** The same, with the first backend's circuit open. */
function opened(backends = 1, rules: Partial<BreakerRules> = {}) {
  const stage = setUp(backends, rules);
  stage.exchange(serverError, 20);
  expect(stage.backend.stateName).toBe("open");
  return stage;
}

/** The same, with it half-open. */
function halfOpened(backends = 1, rules: Partial<BreakerRules> = {}) {
  const stage = opened(backends, rules);
  stage.clock.advance(5_000);
  expect(stage.backend.stateName).toBe("half-open");
  return stage;
}

describe("a closed circuit", () => {
  test("opens when half of at least twenty requests have failed", () => {
    const { exchange, backend, changes } = setUp();
    exchange(serverError, 10);
    exchange(ok, 9);
    expect(backend.available).toBe(true);
    exchange(ok, 1);
    expect(backend.available).toBe(true);
    exchange(serverError);
    expect(backend.stateName).toBe("open");
    expect(changes).toMatchObject([
      { available: false, byTraffic: true, reason: "11 of 21 requests failed, circuit open for 5 s" },
    ]);
  });

  test("takes every kind of failure, and nothing that the client or this side did", () => {
    for (const outcome of Object.values(Outcome)) {
      const { exchange, backend } = setUp();
      exchange(outcome, 40);
      const isOpen = backend.circuit?.state === CircuitState.open;
      expect([outcome, isOpen]).toEqual([outcome, isFailure(outcome)]);
    }
  });

  test("forgets what is older than its window", () => {
    const { exchange, backend, clock } = setUp();
    exchange(serverError, 19);
    clock.advance(10_000);
    exchange(serverError, 19);
    expect(backend.available).toBe(true);
    exchange(serverError);
    expect(backend.available).toBe(false);
  });
});

test("a backend that is added has a circuit too", () => {
  const { balancer, changes } = setUp();
  balancer.setBackends([sampleSpec(0), sampleSpec(1)]);
  const added = balancer.pool.members[1] as Backend;
  for (let count = 0; count < 20; count++) {
    balancer.begin(added);
    balancer.end(added, serverError, "");
  }
  expect(changes.map(({ backend, state }) => [backend, state])).toEqual([[added, "open"]]);
});

describe("an open circuit", () => {
  test("lets nothing through, be it the only backend, and a good check does not close it", () => {
    const { balancer, backend, clock, pick } = opened();
    balancer.health.checked(backend, true, "GET / answered 200", clock.nowMs());
    expect(pick()).toBeUndefined();
    clock.advance(4_999);
    expect(pick()).toBeUndefined();
    clock.advance(1);
    expect(pick()).toBe(backend);
  });

  test("leaves the others to the others", () => {
    const { balancer, pick } = opened(3);
    const picked = Array.from({ length: 6 }, pick);
    expect(new Set(picked)).toEqual(new Set(balancer.pool.members.slice(1)));
  });

  test("pays no heed to what began before it opened", () => {
    const { begin, exchange, backend, clock, changes } = setUp();
    const late = Array.from({ length: 30 }, begin);
    exchange(serverError, 20);
    for (const end of late.slice(0, 10)) end(serverError);
    clock.advance(5_000);
    for (const end of late.slice(10, 20)) end(serverError);
    for (const end of late.slice(20)) end(ok);
    expect(backend.stateName).toBe("half-open");
    expect(changes.map(({ state }) => state)).toEqual(["open", "half-open"]);
  });

  test("of a backend that leaves the pool leaves no timer", () => {
    const { balancer, clock, backend } = opened();
    balancer.begin(backend);
    balancer.setBackends([sampleSpec(9)]);
    expect(clock.pending).toBe(0);
    balancer.end(backend, serverError, "");
    expect(clock.pending).toBe(0);
    expect(balancer.inFlight).toBe(0);
  });
});

describe("a half-open circuit", () => {
  test("lets so many probes through and no more, and closes when all went well", () => {
    const { begin, pick, backend, changes, clock } = halfOpened();
    const ends = Array.from({ length: 3 }, () => {
      expect(pick()).toBe(backend);
      return begin();
    });
    expect(pick()).toBeUndefined();
    ends[0]?.(ok);
    expect(pick()).toBeUndefined();
    ends[1]?.(ok);
    ends[2]?.(ok);
    expect(pick()).toBe(backend);
    expect(backend.stateName).toBe("unchecked");
    expect(changes.map(({ state, available, reason }) => [state, available, reason])).toEqual([
      ["open", false, "20 of 20 requests failed, circuit open for 5 s"],
      ["half-open", true, "circuit half-open, for 3 probes"],
      ["unchecked", true, "circuit closed, the probes went well"],
    ]);
    expect(clock.pending).toBe(0);
  });

  test("takes another probe for one that said nothing", () => {
    const { begin, exchange, pick, backend } = halfOpened();
    const ends = [begin(), begin(), begin()];
    expect(pick()).toBeUndefined();
    ends[0]?.(clientGone);
    expect(pick()).toBe(backend);
    ends[1]?.(ok);
    ends[2]?.(ok);
    exchange(ok);
    expect(backend.stateName).toBe("unchecked");
  });

  test("is full, not gone: others take what it may not", () => {
    const { begin, balancer, pick } = halfOpened(2);
    for (let count = 0; count < 3; count++) begin();
    const picked = Array.from({ length: 4 }, pick);
    expect(new Set(picked)).toEqual(new Set(balancer.pool.members.slice(1)));
  });

  test("opens again at the first failure, for twice as long each time up to the longest", () => {
    const { exchange, backend, clock } = opened();
    const durations: number[] = [];
    for (let round = 0; round < 6; round++) {
      const startMs = clock.nowMs();
      while (!backend.available) clock.advance(500);
      durations.push(clock.nowMs() - startMs);
      exchange(ok, 2);
      exchange(serverError);
    }
    expect(durations).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test("that has closed begins from nothing, with the first time and an empty window", () => {
    const { exchange, backend, clock, changes } = halfOpened();
    exchange(serverError);
    clock.advance(10_000);
    exchange(ok, 3);
    exchange(serverError, 19);
    expect(backend.available).toBe(true);
    exchange(serverError);
    expect(changes.at(-1)?.reason).toBe("20 of 20 requests failed, circuit open for 5 s");
  });
});

type Step =
  | { readonly kind: "request" }
  | { readonly kind: "end"; readonly at: number; readonly outcome: Outcome }
  | { readonly kind: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "request" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      at: fc.nat({ max: 30 }),
      outcome: fc.constantFrom(ok, ok, serverError, serverError, clientGone, Outcome.timedOut),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 12_000 }) }),
  },
);

test("whatever happens: nothing goes to an open circuit, never more probes than allowed, and it can always close", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(step, { maxLength: 150 }),
      (probes, minRequests, steps) => {
        const { clock, balancer, backend, begin, exchange, pick } = setUp(1, { probes, minRequests });
        const open: { readonly startMs: number; readonly end: (outcome: Outcome) => void }[] = [];
        for (const step of steps) {
          if (step.kind === "wait") clock.advance(step.ms);
          else if (step.kind === "end") {
            open.splice(step.at % Math.max(1, open.length), 1)[0]?.end(step.outcome);
          } else {
            const picked = pick();
            if (backend.stateName === "open") expect(picked).toBeUndefined();
            if (picked !== undefined) open.push({ startMs: clock.nowMs(), end: begin() });
          }
          if (backend.stateName === "half-open") {
            const { sinceMs, probesPassed } = backend.circuit as NonNullable<Backend["circuit"]>;
            const probing = open.filter(({ startMs }) => startMs >= sinceMs).length;
            expect(probing + probesPassed).toBeLessThanOrEqual(probes);
          }
        }
        expect(balancer.inFlight).toBe(open.length);
        for (const { end } of open) end(ok);
        clock.advance(60_000);
        for (let count = 0; count < probes && backend.stateName === "half-open"; count++) {
          expect(pick()).toBe(backend);
          exchange(ok);
        }
        expect(backend.stateName).toBe("unchecked");
        expect(pick()).toBe(backend);
      },
    ),
  );
});
