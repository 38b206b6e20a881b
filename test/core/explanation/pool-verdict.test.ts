/** What a pool would do with a request, and what it says of each backend. */
import { describe, expect, test } from "bun:test";
import { State } from "../../../src/core/backend.ts";
import type { BalancerConfig } from "../../../src/core/balancer-config.ts";
import { explainPool } from "../../../src/core/explanation/pool-verdict.ts";
import { StickTable } from "../../../src/core/sticky.ts";
import { A, B, BASE, C, reasons, setUp } from "./stage.ts";

test("one that is chosen, and those that are not", () => {
  const { balancer, b } = setUp({ maxInFlight: 7 });
  balancer.begin(b);
  expect(explainPool(balancer, "", "")).toEqual({
    decision: "backend",
    backend: A,
    outcome: `goes to ${A}`,
    rule: "each in turn, as often as its weight says",
    sessionBackend: null,
    panic: false,
    tiers: [{ tier: 0, share: 1 }],
    waiting: 0,
    backends: [
      {
        url: A,
        state: "unchecked",
        weight: 1,
        tier: 0,
        inFlight: 0,
        limit: 7,
        score: "next",
        chance: 1,
        reason: "it is its turn",
      },
      {
        url: B,
        state: "unchecked",
        weight: 1,
        tier: 0,
        inFlight: 1,
        limit: 7,
        score: "after 1 other",
        chance: 0,
        reason: "it is another's turn",
      },
      {
        url: C,
        state: "unchecked",
        weight: 1,
        tier: 0,
        inFlight: 0,
        limit: 7,
        score: "after 2 others",
        chance: 0,
        reason: "it is another's turn",
      },
    ],
  });
});

describe("tiers", () => {
  const backends = [A, B, C].map((origin, index) => ({ origin, weight: 1, tier: index === 2 ? 1 : 0 }));

  test("that are not needed say which ones are", () => {
    const { balancer } = setUp({ backends });
    expect(explainPool(balancer, "", "").backends[2]).toMatchObject({
      score: null,
      chance: 0,
      reason: "tier 1 gets nothing while tier 0 can take everything",
    });
  });

  test("that share requests say whose this one is", () => {
    const { balancer, a, clock } = setUp({ backends, overprovisioning: 1.4 });
    balancer.health.checked(a, false, "no", clock.nowMs());
    const first = explainPool(balancer, "", "");
    expect(first.tiers.map(({ tier, share }) => [tier, Math.round(share * 100)])).toEqual([
      [0, 70],
      [1, 30],
    ]);
    expect(first.backend).toBe(B);
    expect(first.backends[2]?.reason).toBe("tier 1 gets 30 % of requests, and this one is tier 0's");
  });
});

test("panic is said of those that get requests though they are out", () => {
  const { balancer, clock, a, b } = setUp({ panicThreshold: 80 });
  for (const backend of [a, b]) balancer.health.checked(backend, false, "answered 500", clock.nowMs());
  const verdict = explainPool(balancer, "", "");
  expect(verdict.panic).toBe(true);
  const chosen = verdict.backends.find(({ url }) => url === verdict.backend);
  expect(balancer.pick("", undefined, 0)?.origin).toBe(verdict.backend as string);
  expect(chosen?.reason).toStartWith("it is its turn");
  expect(verdict.backends[0]?.reason).toEndWith("(in panic, though down for 0.0 s: answered 500)");
});

describe("limits", () => {
  test("a full backend is passed over, and says what it has", () => {
    const { balancer, a } = setUp({ maxInFlight: 1 });
    balancer.begin(a);
    const verdict = explainPool(balancer, "", "");
    expect(verdict).toMatchObject({ decision: "backend", backend: B });
    expect(verdict.backends[0]).toMatchObject({ score: "next", chance: 0, reason: "full: 1 under way of 1" });
    expect(verdict.backends[1]).toMatchObject({ chance: 1, reason: "it is its turn" });
    expect(balancer.pick("", undefined, 0)?.origin).toBe(B);
  });

  test("one that follows the latency says so", () => {
    const rules = { initialLimit: 1, minLimit: 1, maxLimit: 10, tolerance: 2 };
    const adaptiveConcurrency = rules as unknown as Exclude<
      BalancerConfig["adaptiveConcurrency"],
      false | undefined
    >;
    const { balancer, a } = setUp({ adaptiveConcurrency });
    balancer.begin(a);
    expect(explainPool(balancer, "", "").backends[0]).toMatchObject({
      limit: 1,
      reason: "full: 1 under way of 1 that its latency allows",
    });
  });

  test("when all are full a request waits if it may, or is refused", () => {
    const fill = (config: Partial<BalancerConfig>) => {
      const { balancer } = setUp({ maxInFlight: 1, ...config });
      for (const backend of balancer.pool.members) balancer.begin(backend);
      return explainPool(balancer, "", "");
    };
    expect(fill({})).toMatchObject({
      decision: "refuse",
      backend: null,
      outcome: "is answered 503: every backend is full",
    });
    expect(fill({ queue: { maxWaiting: 0, timeoutMs: 0 } }).outcome).toBe(
      "is answered 503: every backend is full, and so is the queue",
    );
    expect(fill({ queue: { maxWaiting: 5, timeoutMs: 0 } })).toMatchObject({
      decision: "wait",
      outcome: "waits for a backend with room",
    });
  });

  test("nobody is there when none is available", () => {
    const { balancer } = setUp();
    for (const backend of balancer.pool.members) backend.state = State.down;
    balancer.pool.refresh();
    expect(explainPool(balancer, "", "")).toMatchObject({
      decision: "refuse",
      outcome: "is answered 503: no backend is available",
      rule: "",
      tiers: [],
    });
  });
});

describe("sessions", () => {
  function withSession(config: Partial<BalancerConfig> = {}) {
    const stickiness = new StickTable({ drainGraceMs: 10_000, maxSessions: 10, idleTimeoutMs: 60_000 });
    const made = setUp({ stickiness, ...config });
    stickiness.bind("ada", made.b, made.clock.nowMs());
    return made;
  }

  test("stay at their backend", () => {
    const { balancer } = withSession();
    const verdict = explainPool(balancer, "", "ada");
    expect(verdict).toMatchObject({
      decision: "backend",
      backend: B,
      outcome: `goes to ${B}, which has its session`,
      rule: `a session stays at its backend, ${B}`,
      sessionBackend: B,
    });
    expect(verdict.backends.map(({ chance, reason }) => [chance, reason])).toEqual([
      [0, `the session is ${B}'s`],
      [1, "it has the session"],
      [0, `the session is ${B}'s`],
    ]);
    expect(explainPool(balancer, "", "eve")).toMatchObject({ backend: A, sessionBackend: null });
  });

  test("stay for a while where it drains", () => {
    const { balancer } = withSession();
    balancer.setBackends(BASE.backends.map((spec) => ({ ...spec, drain: spec.origin === B })));
    expect(reasons(explainPool(balancer, "", "ada"))[1]).toBe(
      "it keeps its sessions, though draining: it finishes the 0 under way",
    );
  });

  test("wait for it while it is full, if they may, or else go on", () => {
    const waiting = withSession({ maxInFlight: 1, queue: { maxWaiting: 1, timeoutMs: 0 } });
    waiting.balancer.begin(waiting.b);
    const verdict = explainPool(waiting.balancer, "", "ada");
    expect(verdict).toMatchObject({
      decision: "wait",
      backend: null,
      outcome: `waits for room at ${B}, which has its session`,
    });
    expect(verdict.backends[1]).toMatchObject({
      chance: 0,
      reason: "it has the session, and is full: 1 under way of 1",
    });
    const moving = withSession({ maxInFlight: 1 });
    moving.balancer.begin(moving.b);
    expect(explainPool(moving.balancer, "", "ada")).toMatchObject({ backend: A, sessionBackend: B });
  });
});

test("chance is told as such, and what nobody knows too", () => {
  const random = explainPool(setUp({ algorithm: "random" }).balancer, "", "");
  expect(random).toMatchObject({
    decision: "chance",
    backend: null,
    outcome: "goes to one of 3 backends, by chance",
  });
  const own = setUp({ algorithm: () => ({ rebuild() {}, pick: () => own.a }) });
  const verdict = explainPool(own.balancer, "", "");
  expect(verdict).toMatchObject({
    decision: "unknown",
    outcome: "goes to a backend that nobody can tell beforehand",
    rule: "a picker of your own that has no preview",
  });
  expect(verdict.backends[0]).toMatchObject({
    score: null,
    chance: null,
    reason: "that is up to the picker",
  });
});
