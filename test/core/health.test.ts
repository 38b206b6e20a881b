import { expect, test } from "bun:test";
import fc from "fast-check";
import { Backend, Exclusion, State } from "../../src/core/backend.ts";
import { Health, type StateChange, UNCHECKED_EJECTION_MS } from "../../src/core/health.ts";
import { createPicker } from "../../src/core/picking/index.ts";
import { Pool } from "../../src/core/pool.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

function setUp({ rise = 1, fall = 1, checked = true } = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const health = new Health({ rise, fall, checked }, clock, (change) => changes.push(change));
  const backend = new Backend(sampleSpec(0));
  const check = (passed: boolean) => health.checked(backend, passed, "GET / answered", clock.nowMs());
  return { clock, changes, health, backend, check };
}

test("a backend never checked is available and up at its first good check, whatever rise says", () => {
  const { backend, check, changes } = setUp({ rise: 5 });
  expect(backend.available).toBe(true);
  check(true);
  expect(backend.state).toBe(State.up);
  expect(changes).toEqual([
    { backend, available: true, state: "up", byTraffic: false, reason: "GET / answered" },
  ]);
});

test("fall failed checks in a row take it out, and a good one between starts the count anew", () => {
  const { backend, check, changes } = setUp({ fall: 3 });
  for (const passed of [true, false, false, true, false, false]) check(passed);
  expect(backend.state).toBe(State.up);
  check(false);
  expect(backend.state).toBe(State.down);
  expect(backend.available).toBe(false);
  expect(changes.map((change) => change.available)).toEqual([true, false]);
});

test("rise good checks in a row bring it back, and a failed one between starts the count anew", () => {
  const { backend, check } = setUp({ rise: 2 });
  for (const passed of [false, true, false, true]) check(passed);
  expect(backend.state).toBe(State.down);
  check(true);
  expect(backend.state).toBe(State.up);
});

test("a backend may ask for streaks of its own, until its pool is told otherwise", () => {
  const { health, clock } = setUp({ rise: 1, fall: 1 });
  const [own, other] = [sampleSpec(0), sampleSpec(1)];
  const picker = () => createPicker("first", {}, seededRandom(1), () => {});
  const pool = new Pool([{ ...own, rise: 2, fall: 3 }, other], picker);
  const check = (passed: boolean) => {
    for (const backend of pool.members) health.checked(backend, passed, "GET / answered", clock.nowMs());
    return pool.members.map(({ state }) => state);
  };
  expect(check(true)).toEqual([State.up, State.up]);
  expect(check(false)).toEqual([State.up, State.down]);
  expect(check(false)).toEqual([State.up, State.down]);
  expect(check(false)).toEqual([State.down, State.down]);
  expect(check(true)).toEqual([State.down, State.up]);
  expect(check(true)).toEqual([State.up, State.up]);
  pool.set([own, other]);
  expect(check(false)).toEqual([State.down, State.down]);
});

test("checks follow the model of two streaks, and each change is told once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 60 }),
      (rise, fall, results) => {
        const { backend, check, changes } = setUp({ rise, fall });
        let model: "unchecked" | "up" | "down" = "unchecked";
        const told: boolean[] = [];
        for (const [index, passed] of results.entries()) {
          const seen = results.slice(0, index + 1);
          const streak = seen.length - 1 - seen.lastIndexOf(!passed);
          if (passed && model !== "up" && (model === "unchecked" || streak >= rise)) {
            model = "up";
            told.push(true);
          } else if (!passed && model !== "down" && streak >= fall) {
            model = "down";
            told.push(false);
          }
          check(passed);
          expect(backend.state).toBe(State[model]);
        }
        expect(changes.map((change) => change.available)).toEqual(told);
      },
    ),
  );
});

test("a refused live connection takes it out at once, whatever fall says, and once", () => {
  const { backend, health, check, changes } = setUp({ fall: 3 });
  check(true);
  health.unreachable(backend, "connection refused");
  health.unreachable(backend, "connection refused");
  expect(backend.available).toBe(false);
  expect(changes.slice(1)).toEqual([
    { backend, available: false, state: "down", byTraffic: true, reason: "connection refused" },
  ]);
});

test("a good check that began before live traffic found the backend down says nothing", () => {
  const { backend, health, clock, check } = setUp();
  const startedMs = clock.nowMs();
  clock.advance(5);
  health.unreachable(backend, "connection refused");
  health.checked(backend, true, "GET / answered 200", startedMs);
  expect(backend.available).toBe(false);
  expect(backend.passStreak).toBe(0);
  clock.advance(5);
  check(true);
  expect(backend.available).toBe(true);
});

test("after live traffic took it out, it needs rise good checks like any other", () => {
  const { backend, health, clock, check } = setUp({ rise: 2 });
  check(true);
  check(true);
  health.unreachable(backend, "connection refused");
  clock.advance(1);
  check(true);
  expect(backend.available).toBe(false);
  check(true);
  expect(backend.available).toBe(true);
});

test("without checks, a refused connection ejects for ten seconds", () => {
  const { backend, health, clock, changes } = setUp({ checked: false });
  health.unreachable(backend, "connection refused");
  clock.advance(4_000);
  health.unreachable(backend, "connection refused");
  clock.advance(UNCHECKED_EJECTION_MS - 4_000 - 1);
  expect(backend.available).toBe(false);
  clock.advance(1);
  expect(backend.available).toBe(true);
  expect(changes.map(({ available, byTraffic }) => [available, byTraffic])).toEqual([
    [false, true],
    [true, true],
  ]);
  expect(changes[1]?.reason).toBe("out for 10 s, now tried again");
  expect(clock.pending).toBe(0);
});

test("without checks, a backend that is still dead is ejected again", () => {
  const { backend, health, clock, changes } = setUp({ checked: false });
  for (let round = 0; round < 3; round++) {
    health.unreachable(backend, "connection refused");
    clock.advance(UNCHECKED_EJECTION_MS);
  }
  expect(changes.map((change) => change.available)).toEqual([false, true, false, true, false, true]);
});

test("forgetting an ejected backend leaves no timer and tells nobody", () => {
  const { backend, health, clock, changes } = setUp({ checked: false });
  health.unreachable(backend, "connection refused");
  health.forget(backend);
  expect(clock.pending).toBe(0);
  clock.advance(UNCHECKED_EJECTION_MS * 2);
  expect(changes).toHaveLength(1);
});

test("what someone else decided is taken over, once, and checks count from there", () => {
  const { health, backend, check, changes } = setUp({ rise: 2, fall: 2 });
  check(true);
  check(false);
  health.assume(backend, State.down, "told so", false);
  health.assume(backend, State.down, "told so again", false);
  expect(backend.available).toBe(false);
  check(true);
  expect(backend.state).toBe(State.down);
  health.assume(backend, State.up, "told better", false);
  check(false);
  expect(backend.state).toBe(State.up);
  expect(changes.map(({ available, reason }) => [available, reason])).toEqual([
    [true, "GET / answered"],
    [false, "told so"],
    [true, "told better"],
  ]);
});

test("whether anything could connect is known beside the state, and told when it changes", () => {
  const { health, backend, clock, changes } = setUp({ fall: 2 });
  const fail = (reached: boolean) => health.checked(backend, false, "failed", clock.nowMs(), reached);
  const isUnreachable = () => backend.isExcluded(Exclusion.unreachable);
  fail(false);
  expect([backend.available, isUnreachable()]).toEqual([true, false]);
  fail(false);
  expect([backend.state, isUnreachable()]).toEqual([State.down, true]);
  fail(false);
  fail(true);
  fail(true);
  expect([backend.state, isUnreachable()]).toEqual([State.down, false]);
  health.unreachable(backend, "connection refused");
  expect(isUnreachable()).toBe(true);
  clock.advance(1);
  health.checked(backend, true, "answered", clock.nowMs());
  expect([backend.state, isUnreachable()]).toEqual([State.up, false]);
  expect(changes.map(({ state, reason }) => [state, reason])).toEqual([
    ["down", "failed"],
    ["down", "failed"],
    ["down", "connection refused"],
    ["up", "answered"],
  ]);
});

test("what someone else decided includes whether anything can connect", () => {
  const { health, backend, changes } = setUp();
  health.assume(backend, State.down, "refused", true);
  expect(backend.isExcluded(Exclusion.unreachable)).toBe(true);
  health.assume(backend, State.down, "answered 503", false);
  expect(backend.isExcluded(Exclusion.unreachable)).toBe(false);
  health.assume(backend, State.unchecked, "tried again", false);
  expect(backend.available).toBe(true);
  expect(changes.map(({ state }) => state)).toEqual(["down", "down", "unchecked"]);
});
