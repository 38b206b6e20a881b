import { expect, test } from "bun:test";
import fc from "fast-check";
import { TIMER, VirtualTime } from "../../src/simulation/virtual-time.ts";

const MOST = 1_000;

test("timers and events happen in order, each with the clock at its moment", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 50 }), fc.boolean()), { maxLength: 60 }), (plans) => {
      const time = new VirtualTime(100, MOST);
      const happened: { index: number; atMs: number }[] = [];
      for (const [index, [delayMs, isTimer]] of plans.entries()) {
        if (isTimer) time.after(delayMs, () => happened.push({ index, atMs: time.nowMs() }));
        else time.schedule(delayMs, 1, index);
      }
      for (let kind = time.next(); kind >= 0; kind = time.next()) {
        if (kind !== TIMER) happened.push({ index: time.subject, atMs: time.nowMs() });
      }
      const planned = plans.map(([delayMs], index) => ({ index, atMs: 100 + delayMs }));
      expect(happened).toEqual(planned.toSorted((a, b) => a.atMs - b.atMs));
      expect(time.pending).toBe(0);
    }),
  );
});

test("a timer that was called off does not run, and calling it off late takes no other's place", () => {
  const time = new VirtualTime(0, MOST);
  const ran: string[] = [];
  const cancelFirst = time.after(1, () => ran.push("first"));
  const cancelSecond = time.after(2, () => ran.push("second"));
  cancelFirst();
  cancelFirst();
  // It has the number that the first one had.
  time.after(3, () => ran.push("third"));
  cancelFirst();
  while (time.next() >= 0);
  cancelSecond();
  time.after(1, () => ran.push("fourth"));
  cancelSecond();
  while (time.next() >= 0);
  expect(ran).toEqual(["second", "third", "fourth"]);
});

test("a timer may set others, also for this very moment", () => {
  const time = new VirtualTime(0, MOST);
  const ran: number[] = [];
  time.after(5, () => {
    ran.push(time.nowMs());
    time.after(0, () => ran.push(time.nowMs()));
    time.after(-3, () => ran.push(time.nowMs()));
  });
  while (time.next() >= 0);
  expect(ran).toEqual([5, 5, 5]);
});

test("an event can be called off", () => {
  const time = new VirtualTime(0, MOST);
  const first = time.schedule(1, 1, 10);
  time.schedule(2, 9, 20);
  time.callOff(first);
  expect([time.next(), time.subject, time.next()]).toEqual([9, 20, -1]);
});
