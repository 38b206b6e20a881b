import { describe, expect, test } from "bun:test";
import { Attempts } from "../../src/core/attempts.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { LATE_MS, setUp, TIMEOUT_MS, two } from "./waiting-stage.ts";

describe("requests that find every backend full", () => {
  test("go on as there is room, in the order in which they came", () => {
    const { come, end, take, size, balancer } = setUp({ backends: two });
    for (const name of ["a", "b", "c", "d", "e"]) come(name);
    expect([take(), size()]).toEqual([["a: 0", "b: 1"], 3]);
    end("b");
    end("a");
    end("d");
    expect([take(), size(), balancer.inFlight]).toEqual([["c: 1", "d: 0", "e: 0"], 0, 2]);
    expect(balancer.underWay).toBe(2);
  });

  test("go by priority first", () => {
    const { come, end, take } = setUp();
    come("a");
    come("least", 9);
    come("usual");
    come("most", 0);
    for (const name of ["a", "most", "usual", "least"]) end(name);
    expect(take()).toEqual(["a: 0", "most: 0", "usual: 0", "least: 0"]);
  });

  test("are refused where the queue is full, and where there is none", () => {
    const { come, take } = setUp();
    for (const name of ["a", "b", "c", "d", "e"]) come(name);
    expect(take()).toEqual(["a: 0", "e: queue-full"]);
    const without = setUp({ queue: false });
    for (const name of ["a", "b"]) without.come(name);
    expect(without.take()).toEqual(["a: 0", "b: queue-full"]);
  });

  test("take the place of the least urgent one that came last, if they are more urgent than that", () => {
    const { come, end, take } = setUp();
    come("a");
    come("b", 7);
    come("c", 7);
    come("d", 5);
    come("e", 7);
    come("f", 6);
    expect(take()).toEqual(["a: 0", "e: queue-full", "c: queue-full"]);
    for (const name of ["a", "d", "f", "b"]) end(name);
    expect(take()).toEqual(["d: 0", "f: 0", "b: 0"]);
  });

  test("wait no longer than they may, and leave nothing behind", () => {
    const { come, clock, take, size, end } = setUp();
    come("a");
    come("b");
    clock.advance(1_000);
    come("c");
    clock.advance(TIMEOUT_MS - 1_001);
    expect(take()).toEqual(["a: 0"]);
    clock.advance(LATE_MS);
    expect([take(), size()]).toEqual([["b: queue-timeout"], 1]);
    end("a");
    clock.advance(10 * TIMEOUT_MS);
    expect([take(), size(), clock.pending]).toEqual([["c: 0"], 0, 0]);
  });

  test.each([
    ["timeoutMs", { timeoutMs: 1_000 }],
    ["requestTimeoutMs", { requestTimeoutMs: 1_000 }],
  ])("wait no longer than %s allows", (_, rules) => {
    for (const timeoutMs of [0, TIMEOUT_MS]) {
      const { come, clock, take } = setUp({ rules, queue: { maxWaiting: 9, timeoutMs } });
      come("a");
      come("b");
      clock.advance(999);
      expect(take()).toEqual(["a: 0"]);
      clock.advance(LATE_MS);
      expect(take()).toEqual(["b: request-timeout"]);
    }
  });

  test("wait no longer than a deadline from before us allows, and have the less time for their answer", () => {
    const { come, clock, take, end } = setUp({ rules: { timeoutMs: 2_000 } });
    come("a");
    const attempts = come("b");
    clock.advance(1_500);
    end("a");
    expect(take()).toEqual(["a: 0", "b: 0"]);
    expect([attempts.nowMs, attempts.headTimeoutMs]).toEqual([clock.nowMs(), 500]);
  });

  test("are forgotten when they leave, from wherever they stand, and told nothing", () => {
    const { come, end, take, size } = setUp();
    come("a");
    come("b");
    const leaving = come("c");
    come("d");
    expect([leaving.leave(), leaving.leave(), size()]).toEqual([true, false, 2]);
    come("e");
    for (const name of ["a", "b", "d", "e"]) end(name);
    expect(take()).toEqual(["a: 0", "b: 0", "d: 0", "e: 0"]);
  });

  test("are refused at once when nobody is left who could take them", () => {
    for (const isRemoved of [false, true]) {
      const { come, take, balancer, clock } = setUp({ backends: two });
      for (const name of ["a", "b", "c", "d"]) come(name);
      if (isRemoved) balancer.setBackends([{ ...sampleSpec(2), drain: true }]);
      for (const backend of isRemoved ? [] : balancer.pool.members) {
        balancer.health.checked(backend, false, "", clock.nowMs());
      }
      expect(take()).toEqual(["a: 0", "b: 1", "c: no-backend", "d: no-backend"]);
      come("e");
      expect(take()).toEqual(["e: no-backend"]);
    }
  });

  test("go on when backends are added, come back, or may have more", () => {
    const { come, take, balancer, clock } = setUp();
    for (const name of ["a", "b", "c", "d"]) come(name);
    balancer.setBackends(two);
    expect(take()).toEqual(["a: 0", "b: 1"]);
    balancer.setBackends([{ ...sampleSpec(0), maxInFlight: 2 }, sampleSpec(1)]);
    expect(take()).toEqual(["c: 0"]);
    const third = { ...sampleSpec(2), drain: true };
    balancer.setBackends([sampleSpec(0), sampleSpec(1), third]);
    balancer.health.checked(balancer.pool.members[2] as Backend, true, "", clock.nowMs());
    expect(take()).toEqual([]);
    balancer.setBackends([sampleSpec(0), sampleSpec(1), sampleSpec(2)]);
    expect(take()).toEqual(["d: 2"]);
  });

  test("wait for what the probes of a half-open circuit come to", () => {
    const breaker = {
      errorPercent: 50,
      minRequests: 1,
      windowMs: 1_000,
      openMs: 100,
      maxOpenMs: 100,
      probes: 1,
    };
    for (const outcome of [Outcome.ok, Outcome.reset]) {
      const { come, end, take, clock } = setUp({ maxInFlight: 0, circuitBreaker: breaker });
      come("a");
      end("a", Outcome.reset);
      come("open");
      clock.advance(100);
      for (const name of ["probe", "b", "c"]) come(name);
      expect(take()).toEqual(["a: 0", "open: no-backend", "probe: 0"]);
      end("probe", outcome);
      expect(take()).toEqual(outcome === Outcome.ok ? ["b: 0", "c: 0"] : ["b: no-backend", "c: no-backend"]);
    }
  });
});

describe("nobody overtakes", () => {
  test("those who wait: a retry that has freed the room itself goes behind who had waited for that", () => {
    const { come, again, end, take } = setUp();
    const first = come("a");
    come("b");
    come("c");
    again("a", first, Outcome.reset);
    expect(take()).toEqual(["a: 0", "b: 0"]);
    // But ahead of new ones of its priority.
    end("b");
    end("a");
    expect(take()).toEqual(["a: 0", "c: 0"]);
  });

  test("by coming while room is given away", () => {
    const { come, take, balancer, clock } = setUp({
      backends: [sampleSpec(0)],
      queue: { maxWaiting: 9, timeoutMs: 0 },
    });
    come("a");
    const attempts = new Attempts(balancer, { timeoutMs: 0, tryTimeoutMs: 0, requestTimeoutMs: 0 });
    attempts.admit("");
    expect(attempts.next()).toBeUndefined();
    attempts.wait((backend) => {
      come("newcomer");
      balancer.begin(backend as Backend, clock.nowMs());
    });
    come("b");
    balancer.setBackends([{ ...sampleSpec(0), maxInFlight: 3 }]);
    expect(take()).toEqual(["a: 0", "b: 0"]);
    balancer.setBackends([{ ...sampleSpec(0), maxInFlight: 4 }]);
    expect(take()).toEqual(["newcomer: 0"]);
  });

  test("by which nobody is forgotten: room that has come meanwhile is given to who waits for it since then", () => {
    const spare = { ...sampleSpec(1), tier: 1 };
    const { come, end, take, balancer, size } = setUp({ backends: [sampleSpec(0), spare] });
    come("a");
    const attempts = new Attempts(balancer, { timeoutMs: 0, tryTimeoutMs: 0, requestTimeoutMs: 0 });
    attempts.admit("");
    expect(attempts.next()).toBeUndefined();
    const tries: (string | undefined)[] = [];
    const attempt = (backend: Backend | undefined) => {
      tries.push(backend?.id);
      if (backend === undefined) return;
      balancer.begin(backend);
      if (backend === balancer.pool.members[1]) return;
      // It is out by that, and its tier with it.
      balancer.end(backend, Outcome.connectFailed, "refused");
      expect(attempts.mayTryAgain(backend, Outcome.connectFailed, true, true)).toBe(true);
      expect([attempts.waitMs, attempts.next(), attempts.wait(attempt)]).toEqual([0, undefined, true]);
    };
    expect(attempts.wait(attempt)).toBe(true);
    end("a");
    expect([take(), size()]).toEqual([["a: 0"], 0]);
    expect(tries).toEqual(balancer.pool.members.map(({ id }) => id));
  });

  test("as a second try: it never waits", () => {
    const { come, balancer, size } = setUp({ retry: { retries: 2, retryOn: [], hedge: { afterMs: 1 } } });
    const attempts = come("a");
    expect(attempts.hedge(balancer.pool.members[0] as Backend)).toBeUndefined();
    expect(size()).toBe(0);
  });
});

test("a retry does not take the room of a backend that wants to be left alone", () => {
  const { come, end, take, balancer, size } = setUp({
    backends: two,
    retry: { retries: 2, retryOn: ["503", "reset"] },
  });
  const attempts = come("a");
  expect(attempts.mayReplace(end("a"), 503, 10_000, true, true)).toBe(true);
  for (const name of ["b", "c"]) come(name);
  expect(attempts.next()).toBeUndefined();
  const granted: (string | undefined)[] = [];
  const over = (backend: Backend | undefined) => {
    granted.push(backend?.id);
    if (backend !== undefined) balancer.begin(backend);
  };
  expect(attempts.wait(over)).toBe(true);
  expect(take()).toEqual(["a: 0", "b: 1", "c: 0"]);
  end("c");
  expect([granted, size()]).toEqual([[], 1]);
  come("d");
  expect(take()).toEqual(["d: 0"]);
  end("b");
  expect(granted).toEqual([balancer.pool.members[1]?.id]);
});
