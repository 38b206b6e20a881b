import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Backend, Exclusion, State } from "../../src/core/backend.ts";
import type { Picker } from "../../src/core/picking/picker.ts";
import { Pool } from "../../src/core/pool.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";

/** A picker that only notes what it is told. */
class NotingPicker implements Picker {
  readonly told: (readonly Backend[])[] = [];
  rebuild(ready: readonly Backend[]): void {
    this.told.push(ready);
  }
  pick(): Backend {
    throw new Error("not asked here");
  }
}

test("a backend not checked yet is ready, one that is down or excluded is not", () => {
  const pool = new Pool([sampleSpec(0), sampleSpec(1), sampleSpec(2)], () => new NotingPicker());
  const [a, b, c] = pool.members as [Backend, Backend, Backend];
  expect(pool.ready).toEqual([a, b, c]);
  a.state = State.down;
  b.exclude(Exclusion.unreachable);
  pool.refresh();
  expect(pool.ready).toEqual([c]);
});

test("only the lowest tier with an available backend is ready", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ tier: fc.integer({ min: 0, max: 3 }), isDown: fc.boolean() }), { maxLength: 12 }),
      (backends) => {
        const pool = new Pool(
          backends.map(({ tier }, index) => sampleSpec(index, 1, tier)),
          () => new NotingPicker(),
        );
        for (const [index, { isDown }] of backends.entries()) {
          if (isDown) (pool.members[index] as Backend).state = State.down;
        }
        pool.refresh();
        const upTiers = backends.filter(({ isDown }) => !isDown).map(({ tier }) => tier);
        const lowest = Math.min(...upTiers);
        expect(pool.ready).toEqual(
          pool.members.filter((_, index) => {
            const backend = backends[index];
            return backend !== undefined && !backend.isDown && backend.tier === lowest;
          }),
        );
      },
    ),
  );
});

test("ready is replaced, never changed, and the picker is told of each new one", () => {
  const picker = new NotingPicker();
  const pool = new Pool([sampleSpec(0), sampleSpec(1)], () => picker);
  const before = pool.ready;
  const copy = [...before];
  (pool.members[0] as Backend).state = State.down;
  pool.refresh();
  expect(before).toEqual(copy);
  expect(pool.ready).not.toBe(before);
  expect(picker.told).toEqual([copy, [pool.members[1] as Backend]]);
});

test("a new membership keeps the live state of those who stay, and takes their new weight and tier", () => {
  const pool = new Pool([sampleSpec(0), sampleSpec(1)], () => new NotingPicker());
  const [, kept] = pool.members as [Backend, Backend];
  kept.state = State.down;
  kept.inFlight = 3;
  kept.requests = 9;
  pool.set([sampleSpec(2), sampleSpec(1, 5, 1)]);
  const [added, again] = pool.members as [Backend, Backend];
  expect(again).toBe(kept);
  expect(again).toMatchObject({ state: State.down, inFlight: 3, requests: 9, weight: 5, tier: 1 });
  expect(added).toMatchObject({ state: State.unchecked, inFlight: 0, requests: 0 });
  expect(pool.ready).toEqual([added]);
});

test("a backend that left and comes back is a new one", () => {
  const pool = new Pool([sampleSpec(0)], () => new NotingPicker());
  const [first] = pool.members as [Backend];
  first.requests = 7;
  pool.set([sampleSpec(1)]);
  pool.set([sampleSpec(0)]);
  expect(pool.members[0]).not.toBe(first);
  expect(pool.members[0]?.requests).toBe(0);
});

test("no members, nothing ready", () => {
  const pool = new Pool([sampleSpec(0)], () => new NotingPicker());
  pool.set([]);
  expect(pool.members).toEqual([]);
  expect(pool.ready).toEqual([]);
});
