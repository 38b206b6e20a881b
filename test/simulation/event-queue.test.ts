import { expect, test } from "bun:test";
import fc from "fast-check";
import { EventQueue } from "../../src/simulation/event-queue.ts";

interface Expected {
  readonly event: number;
  readonly dueMs: number;
  readonly kind: number;
  readonly subject: number;
}

/** Few different moments, so that many events are due at one. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant("add" as const), dueMs: fc.nat({ max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("take" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("remove" as const), at: fc.nat() }) },
);

test("events come in the order in which they are due, and those due at once in the order added", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new EventQueue(1_000);
      // In the order added; the first of the least is next, since sorting by due time keeps it.
      const expected: Expected[] = [];
      for (const [index, one] of steps.entries()) {
        if (one.does === "add") {
          const event = queue.add(one.dueMs, index % 256, index);
          expect(expected.map((other) => other.event)).not.toContain(event);
          expected.push({ event, dueMs: one.dueMs, kind: index % 256, subject: index });
        } else if (one.does === "take") {
          const next = expected.toSorted((a, b) => a.dueMs - b.dueMs)[0];
          expect(queue.take()).toBe(next !== undefined);
          if (next === undefined) continue;
          const { event, dueMs, kind, subject } = queue;
          expect({ event, dueMs, kind, subject }).toEqual(next);
          expected.splice(expected.indexOf(next), 1);
        } else if (expected.length > 0) {
          const [removed] = expected.splice(one.at % expected.length, 1) as [Expected];
          queue.remove(removed.event);
        }
        expect(queue.size).toBe(expected.length);
      }
    }),
  );
});

test("it grows as far as it may, and no further", () => {
  const queue = new EventQueue(3_000);
  for (let count = 0; count < 3_000; count++) queue.add(3_000 - count, 1, count);
  expect(() => queue.add(0, 1, 0)).toThrow(RangeError);
  expect(queue.size).toBe(3_000);
  for (let dueMs = 1; dueMs <= 3_000; dueMs++) {
    expect(queue.take()).toBe(true);
    expect(queue.dueMs).toBe(dueMs);
  }
  expect(queue.take()).toBe(false);
  queue.add(1, 1, 1);
});
