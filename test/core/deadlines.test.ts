import { expect, test } from "bun:test";
import fc from "fast-check";
import { Deadline, DeadlineWheel } from "../../src/core/deadlines.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const TICK_MS = 50;

class NotedDeadline extends Deadline {
  readonly expiredAtMs: number[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    super();
    this.#clock = clock;
  }

  override expire(): void {
    this.expiredAtMs.push(this.#clock.nowMs());
  }
}

const DEADLINES = 6;
const which = fc.nat({ max: DEADLINES - 1 });
const timeMs = fc.oneof(
  fc.integer({ min: 0, max: 500 }),
  fc.double({ min: 0, max: 500, noNaN: true }),
  // More than one turn of the wheel (512 ticks).
  fc.integer({ min: 20_000, max: 70_000 }),
);

type Command =
  | { readonly kind: "set"; readonly index: number; readonly delayMs: number }
  | { readonly kind: "clear"; readonly index: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "stall"; readonly ms: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), index: which, delayMs: timeMs }),
  fc.record({ kind: fc.constant("clear" as const), index: which }),
  fc.record({ kind: fc.constant("advance" as const), ms: timeMs }),
  fc.record({ kind: fc.constant("stall" as const), ms: timeMs }),
);

interface Awaited {
  readonly dueMs: number;
  /** The latest moment at which it may expire: moved on by stalls, in which nothing can run. */
  latestMs: number;
}

test("expires never early, at most two ticks late, once, and only what is set", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      fc.array(command, { maxLength: 60 }),
      (startMs, commands) => {
        const clock = new VirtualClock(startMs);
        const wheel = new DeadlineWheel(clock, TICK_MS);
        const deadlines = Array.from({ length: DEADLINES }, () => new NotedDeadline(clock));
        const awaited = new Map<NotedDeadline, Awaited>();
        const checkExpired = () => {
          for (const deadline of deadlines) {
            const model = awaited.get(deadline);
            const expiredAtMs = deadline.expiredAtMs.splice(0);
            if (expiredAtMs.length === 0) {
              if (model !== undefined) expect(clock.nowMs()).toBeLessThanOrEqual(model.latestMs);
              continue;
            }
            expect(expiredAtMs).toHaveLength(1);
            expect(expiredAtMs[0]).toBeGreaterThanOrEqual(model?.dueMs ?? Number.POSITIVE_INFINITY);
            expect(expiredAtMs[0]).toBeLessThanOrEqual(model?.latestMs ?? Number.NEGATIVE_INFINITY);
            awaited.delete(deadline);
          }
          expect(wheel.size).toBe(awaited.size);
        };
        for (const command of commands) {
          if (command.kind === "set" || command.kind === "clear") {
            const deadline = deadlines[command.index] as NotedDeadline;
            if (command.kind === "clear") {
              wheel.clear(deadline);
              awaited.delete(deadline);
            } else {
              const dueMs = clock.nowMs() + command.delayMs;
              wheel.set(deadline, command.delayMs);
              awaited.set(deadline, { dueMs, latestMs: dueMs + 2 * TICK_MS });
            }
          } else if (command.kind === "stall") {
            clock.stall(command.ms);
            const soonestMs = clock.nowMs() + 2 * TICK_MS;
            for (const model of awaited.values()) model.latestMs = Math.max(model.latestMs, soonestMs);
          } else {
            clock.advance(command.ms);
          }
          checkExpired();
          expect(clock.pending).toBeLessThanOrEqual(1);
        }
        clock.advance(200_000);
        checkExpired();
        expect(wheel.size).toBe(0);
        expect(clock.pending).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("a deadline set while the process catches up counts from now, not from the last tick", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  const [old, fresh] = [new NotedDeadline(clock), new NotedDeadline(clock)];
  wheel.set(old, 60_000);
  clock.stall(5_000);
  const setMs = clock.nowMs();
  wheel.set(fresh, 200);
  clock.advance(1_000);
  expect(fresh.expiredAtMs).toHaveLength(1);
  expect(fresh.expiredAtMs[0]).toBeGreaterThanOrEqual(setMs + 200);
});

test("one timer for any number of deadlines, and none once all are cleared", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  const deadlines = Array.from({ length: 1_000 }, () => new NotedDeadline(clock));
  expect(clock.pending).toBe(0);
  for (const [index, deadline] of deadlines.entries()) wheel.set(deadline, index * 97);
  expect(wheel.size).toBe(1_000);
  expect(clock.pending).toBe(1);
  for (const deadline of deadlines) wheel.clear(deadline);
  expect(wheel.size).toBe(0);
  clock.advance(2 * TICK_MS);
  expect(clock.pending).toBe(0);
  expect(deadlines.flatMap((deadline) => deadline.expiredAtMs)).toEqual([]);
});

test("after a pause of an hour everything that fell due expires in one tick", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  const deadlines = Array.from({ length: 600 }, () => new NotedDeadline(clock));
  for (const [index, deadline] of deadlines.entries()) wheel.set(deadline, index * TICK_MS);
  clock.stall(3_600_000);
  clock.advance(0);
  expect(deadlines.every((deadline) => deadline.expiredAtMs.length === 1)).toBe(true);
  expect(wheel.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test("clearing twice, or what was never set, does nothing", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  const deadline = new NotedDeadline(clock);
  wheel.clear(deadline);
  wheel.set(deadline, 10);
  wheel.clear(deadline);
  wheel.clear(deadline);
  expect(wheel.size).toBe(0);
});

test("a deadline may set itself again while it expires", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  class Repeating extends NotedDeadline {
    override expire(): void {
      super.expire();
      if (this.expiredAtMs.length < 3) wheel.set(this, 100);
    }
  }
  const deadlines = [new Repeating(clock), new Repeating(clock)];
  for (const deadline of deadlines) wheel.set(deadline, 100);
  clock.advance(1_000);
  for (const { expiredAtMs } of deadlines) {
    expect(expiredAtMs).toHaveLength(3);
    expect((expiredAtMs[1] as number) - (expiredAtMs[0] as number)).toBeGreaterThanOrEqual(100);
  }
  expect(wheel.size).toBe(0);
});

test("one that sets itself again and again needs one timer, however long that goes on", () => {
  const clock = new VirtualClock();
  const wheel = new DeadlineWheel(clock, TICK_MS);
  let times = 0;
  class Repeated extends Deadline {
    override expire(): void {
      times += 1;
      wheel.set(this, 1_000);
    }
  }
  wheel.set(new Repeated(), 1_000);
  clock.advance(100_000);
  expect(times).toBeGreaterThan(80);
  expect(clock.pending).toBe(1);
});

test("one that is hastened expires at the earlier of two moments", () => {
  fc.assert(
    fc.property(timeMs, timeMs, fc.boolean(), (setMs, hastenedMs, isSet) => {
      const clock = new VirtualClock(0);
      const wheel = new DeadlineWheel(clock, TICK_MS);
      const deadline = new NotedDeadline(clock);
      if (isSet) wheel.set(deadline, setMs, 0);
      wheel.hasten(deadline, hastenedMs, 0);
      expect(wheel.size).toBe(1);
      clock.advance(100_000);
      const dueMs = isSet ? Math.min(setMs, hastenedMs) : hastenedMs;
      expect(deadline.expiredAtMs).toHaveLength(1);
      expect(deadline.expiredAtMs[0]).toBeGreaterThanOrEqual(dueMs);
      expect(deadline.expiredAtMs[0]).toBeLessThanOrEqual(dueMs + 2 * TICK_MS);
    }),
  );
});

/** Does something to others when its moment has come. */
class MeddlingDeadline extends NotedDeadline {
  meddle: () => void = () => {};

  override expire(): void {
    super.expire();
    this.meddle();
  }
}

test("one that expires may call off and set others that are due in the same tick", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ clears: which, sets: which, delayMs: fc.integer({ min: 0, max: 300 }) }), {
        minLength: DEADLINES,
        maxLength: DEADLINES,
      }),
      (deeds) => {
        const clock = new VirtualClock();
        const wheel = new DeadlineWheel(clock, TICK_MS);
        const deadlines = deeds.map(() => new MeddlingDeadline(clock));
        const isSet = new Set<MeddlingDeadline>();
        const set = (deadline: MeddlingDeadline, delayMs: number) => {
          wheel.set(deadline, delayMs);
          isSet.add(deadline);
        };
        for (const [index, { clears, sets, delayMs }] of deeds.entries()) {
          const [own, cleared, moved] = [index, clears, sets].map((at) => deadlines[at]) as [
            MeddlingDeadline,
            MeddlingDeadline,
            MeddlingDeadline,
          ];
          let isFirst = true;
          own.meddle = () => {
            expect(isSet.delete(own)).toBe(true);
            if (!isFirst) return;
            isFirst = false;
            wheel.clear(cleared);
            isSet.delete(cleared);
            set(moved, delayMs);
          };
          set(own, 10);
        }
        clock.advance(10_000);
        expect([wheel.size, isSet.size, clock.pending]).toEqual([0, 0, 0]);
      },
    ),
  );
});
