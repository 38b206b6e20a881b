import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Backend, Exclusion, State } from "../../src/core/backend.ts";
import { SessionKeepers, StickTable } from "../../src/core/sticky.ts";

const members = ["http://a", "http://b", "http://c"].map(
  (origin) => new Backend({ origin, weight: 1, tier: 0 }),
);
const [a, b, c] = members as [Backend, Backend, Backend];

function table(maxSessions = 1_000, idleTimeoutMs = 1_000): StickTable {
  const table = new StickTable({ drainGraceMs: 0, maxSessions, idleTimeoutMs });
  table.rebuild(members, 0);
  return table;
}

test("a session has the backend that it was bound to last", () => {
  const sticky = table();
  expect(sticky.backendOf("ada", 0)).toBeUndefined();
  sticky.bind("ada", a, 0);
  sticky.bind("bob", b, 0);
  expect([sticky.backendOf("ada", 1), sticky.backendOf("bob", 1)]).toEqual([a, b]);
  sticky.bind("ada", c, 2);
  expect([sticky.backendOf("ada", 3), sticky.size]).toEqual([c, 2]);
});

test("what has no session is not remembered", () => {
  const sticky = table();
  sticky.bind("", a, 0);
  expect([sticky.backendOf("", 0), sticky.size]).toEqual([undefined, 0]);
});

test("a session that is quiet for as long as it may be is over, and each use keeps it", () => {
  const sticky = table();
  sticky.bind("ada", a, 0);
  for (const nowMs of [999, 1_998, 2_997]) expect(sticky.backendOf("ada", nowMs)).toBe(a);
  expect(sticky.backendOf("ada", 3_997)).toBeUndefined();
  expect(sticky.size).toBe(0);
});

test("those that are over go as others come, before the table is full", () => {
  const sticky = table();
  for (let session = 0; session < 100; session++) sticky.bind(`old ${session}`, a, 0);
  for (let session = 0; session < 100; session++) sticky.bind(`new ${session}`, b, 5_000);
  expect(sticky.size).toBe(100);
});

test("a full table forgets who was quiet for longest", () => {
  const sticky = table(3);
  for (const session of ["ada", "bob", "eve"]) sticky.bind(session, a, 0);
  sticky.backendOf("ada", 1);
  sticky.bind("joe", b, 2);
  expect(["ada", "bob", "eve", "joe"].map((session) => sticky.backendOf(session, 3))).toEqual([
    a,
    undefined,
    a,
    b,
  ]);
  expect(sticky.size).toBe(3);
});

test("a table for one session holds one", () => {
  const sticky = table(1);
  sticky.bind("ada", a, 0);
  sticky.bind("bob", b, 1);
  expect([sticky.backendOf("ada", 2), sticky.backendOf("bob", 2), sticky.size]).toEqual([undefined, b, 1]);
});

test("a backend that is out has no sessions, and has them again when it is back before they moved", () => {
  const backend = new Backend({ origin: "http://d", weight: 1, tier: 0 });
  const sticky = table();
  sticky.bind("ada", backend, 0);
  backend.state = State.down;
  expect(sticky.backendOf("ada", 1)).toBeUndefined();
  backend.state = State.up;
  expect(sticky.backendOf("ada", 2)).toBe(backend);
});

test("sessions of a backend that left are forgotten, those of the others are not", () => {
  const sticky = table();
  sticky.bind("ada", a, 0);
  sticky.bind("bob", b, 0);
  sticky.rebuild([b, c], 1);
  expect([sticky.backendOf("ada", 1), sticky.backendOf("bob", 1), sticky.size]).toEqual([undefined, b, 1]);
});

describe("sessions are kept", () => {
  const fresh = () => new Backend({ origin: "http://d", weight: 1, tier: 0 });

  test("by a backend that is available, whether or not it is ready", () => {
    const backend = fresh();
    expect(new SessionKeepers(0).keeps(backend, 0)).toBe(true);
    backend.state = State.down;
    expect(new SessionKeepers(0).keeps(backend, 0)).toBe(false);
  });

  test("by one that is out, if panic gives it requests all the same", () => {
    const backend = fresh();
    backend.exclude(Exclusion.ejected);
    backend.isReady = true;
    expect(new SessionKeepers(0).keeps(backend, 0)).toBe(true);
  });

  test("by one that is full: whether they wait for it is for others to say", () => {
    const backend = fresh();
    backend.isFull = true;
    expect(new SessionKeepers(0).keeps(backend, 0)).toBe(true);
  });

  test("by one that drains, for as long as that is asked for, counted from when it began", () => {
    const keepers = new SessionKeepers(1_000);
    const backend = fresh();
    backend.exclude(Exclusion.draining);
    expect(keepers.keeps(backend, 0)).toBe(false);
    keepers.rebuild([backend], 5_000);
    keepers.rebuild([backend], 5_500);
    expect([keepers.keeps(backend, 5_999), keepers.keeps(backend, 6_000)]).toEqual([true, false]);
    backend.include(Exclusion.draining);
    keepers.rebuild([backend], 7_000);
    backend.exclude(Exclusion.draining);
    keepers.rebuild([backend], 8_000);
    expect([keepers.keeps(backend, 8_999), keepers.keeps(backend, 9_000)]).toEqual([true, false]);
  });

  test("by one that drains only if nothing else is wrong with it", () => {
    const keepers = new SessionKeepers(1_000);
    const backend = fresh();
    backend.exclude(Exclusion.draining);
    keepers.rebuild([backend], 0);
    backend.state = State.down;
    expect(keepers.keeps(backend, 1)).toBe(false);
    backend.state = State.up;
    backend.exclude(Exclusion.open);
    expect(keepers.keeps(backend, 1)).toBe(false);
  });
});

/** What happens to a table: a session is bound or asked for, time passes, or a backend leaves and another like it comes. */
type Event =
  | { readonly do: "bind"; readonly session: string; readonly backend: number }
  | { readonly do: "ask"; readonly session: string }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "replace"; readonly backend: number };

const session = fc.constantFrom("ada", "bob", "eve", "joe", "kim", "a session with a name that is long");
const backend = fc.nat({ max: 2 });
const event = fc.oneof(
  fc.record({ do: fc.constant("bind" as const), session, backend }),
  fc.record({ do: fc.constant("ask" as const), session }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat({ max: 60 }) }),
  fc.record({ do: fc.constant("replace" as const), backend }),
);

/** The same by a list of pairs, the one used last at its end. */
class Model {
  entries: { session: string; backend: Backend; usedMs: number }[] = [];

  use(session: string, backend: Backend, usedMs: number, limit: number): void {
    this.entries = this.entries.filter((entry) => entry.session !== session);
    this.entries.push({ session, backend, usedMs });
    this.entries = this.entries.slice(-limit);
  }

  backendOf(session: string, nowMs: number, idleMs: number): Backend | undefined {
    return this.entries.find((entry) => entry.session === session && nowMs - entry.usedMs < idleMs)?.backend;
  }
}

test("whatever happens, it says what a plain list would, and holds no more than it may", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array<Event>(event, { maxLength: 80 }),
      (limit, events) => {
        const sticky = table(limit, 100);
        const model = new Model();
        const current = [a, b, c];
        let nowMs = 0;
        for (const event of events) {
          if (event.do === "wait") {
            nowMs += event.ms;
          } else if (event.do === "bind") {
            const to = current[event.backend] as Backend;
            sticky.bind(event.session, to, nowMs);
            model.use(event.session, to, nowMs, limit);
          } else if (event.do === "replace") {
            const gone = current[event.backend] as Backend;
            current[event.backend] = new Backend({ origin: gone.origin, weight: 1, tier: 0 });
            sticky.rebuild(current, nowMs);
            model.entries = model.entries.filter((entry) => entry.backend !== gone);
          } else {
            const expected = model.backendOf(event.session, nowMs, 100);
            expect(sticky.backendOf(event.session, nowMs)).toBe(expected);
            if (expected !== undefined) model.use(event.session, expected, nowMs, limit);
          }
          expect(sticky.size).toBeLessThanOrEqual(limit);
        }
      },
    ),
  );
});

test("100,000 different sessions get 100,000 places: their hashes differ", () => {
  const sticky = table(200_000);
  for (let session = 0; session < 100_000; session++) sticky.bind(`203.0.${session}`, a, 0);
  expect(sticky.size).toBe(100_000);
});

test("to look at a session neither keeps it nor ends it", () => {
  const sticky = table(2);
  sticky.bind("ada", a, 0);
  sticky.bind("bob", b, 0);
  expect([sticky.peek("ada", 999), sticky.peek("eve", 999), sticky.peek("", 999)]).toEqual([
    a,
    undefined,
    undefined,
  ]);
  expect([sticky.peek("ada", 1_000), sticky.size]).toEqual([undefined, 2]);
  sticky.bind("eve", c, 500);
  expect(["ada", "bob", "eve"].map((session) => sticky.peek(session, 501))).toEqual([undefined, b, c]);
});
