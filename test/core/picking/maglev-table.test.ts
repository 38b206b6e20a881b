import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { MaglevTable } from "../../../src/core/picking/maglev-table.ts";
import { upBackends } from "../../simulation/sample-backends.ts";

/** How many entries each backend has, in the order given. */
function entriesOf(table: MaglevTable, backends: readonly Backend[]): number[] {
  const counts = new Map<Backend, number>();
  for (const index of table.entries) {
    const backend = table.backends[index] as Backend;
    counts.set(backend, (counts.get(backend) ?? 0) + 1);
  }
  return backends.map((backend) => counts.get(backend) ?? 0);
}

/** The parts of all entries that changed hands: those of backends that are gone, and others. */
function moved(before: MaglevTable, after: MaglevTable): { readonly lost: number; readonly others: number } {
  let lost = 0;
  let others = 0;
  for (const [entry, index] of before.entries.entries()) {
    const owner = before.backends[index] as Backend;
    if (after.backends[after.entries[entry] as number] === owner) continue;
    if (after.backends.includes(owner)) others += 1;
    else lost += 1;
  }
  return { lost: lost / before.entries.length, others: others / before.entries.length };
}

test.each([
  [1, 65_537],
  [3, 65_537],
  [655, 65_537],
  [656, 655_373],
  [6_553, 655_373],
])("%d equal backends share %d entries to within 1 %%", (count, size) => {
  const backends = upBackends(new Array<number>(count).fill(1));
  const table = new MaglevTable(backends);
  expect(table.entries).toHaveLength(size);
  const share = size / count;
  for (const entries of entriesOf(table, backends)) {
    expect(Math.abs(entries - share)).toBeLessThan(1);
    expect(Math.abs(entries / share - 1)).toBeLessThanOrEqual(0.01);
  }
});

test("10,000 backends share the large table to within 2 %", () => {
  const backends = upBackends(new Array<number>(10_000).fill(1));
  for (const entries of entriesOf(new MaglevTable(backends), backends)) {
    expect(Math.abs(entries / 65.5373 - 1)).toBeLessThan(0.02);
  }
});

test("each has as many entries as its weight says, give or take those of one turn", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(weights, (weights) => {
      const backends = upBackends(weights);
      const table = new MaglevTable(backends);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      // After T turns each has ⌈T w / heaviest⌉, and they add up to the size: within one, and their mean excess.
      for (const [index, entries] of entriesOf(table, backends).entries()) {
        const weight = weights[index] as number;
        const share = (table.entries.length * weight) / total;
        expect(Math.abs(entries - share)).toBeLessThanOrEqual(1 + (weight * weights.length) / total);
      }
    }),
    { numRuns: 30 },
  );
});

test("the table does not depend on the order in which the backends are given", () => {
  const backends = upBackends([3, 1, 2, 1, 5]);
  const table = new MaglevTable(backends);
  const other = new MaglevTable([...backends].reverse());
  expect(other.backends).toEqual(table.backends);
  expect(other.entries).toEqual(table.entries);
});

test.each([2, 3, 5, 10, 20, 30])(
  "one of %d that leaves moves at most 1.2 × its share of the keys",
  (count) => {
    const backends = upBackends(new Array<number>(count).fill(1));
    const table = new MaglevTable(backends);
    for (const gone of backends.slice(0, 5)) {
      const left = new MaglevTable(backends.filter((backend) => backend !== gone));
      const { lost, others } = moved(table, left);
      expect(lost).toBeCloseTo(1 / count, 3);
      expect(lost + others).toBeLessThanOrEqual(1.2 / count);
    }
  },
);

test.each([100, 400, 655, 1_000, 5_000])(
  "one of %d that leaves moves at most 1 %% of the others' keys",
  (count) => {
    const backends = upBackends(new Array<number>(count).fill(1));
    const table = new MaglevTable(backends);
    const { others } = moved(table, new MaglevTable(backends.slice(1)));
    expect(others).toBeLessThanOrEqual(0.01);
  },
);
