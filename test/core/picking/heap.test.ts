import { expect, test } from "bun:test";
import fc from "fast-check";
import { Heap, type Ranked } from "../../../src/core/picking/heap.ts";

interface Item extends Ranked {
  rank: number;
  readonly order: number;
}

function isBefore(a: Item, b: Item): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}

function itemsOf(ranks: readonly number[]): Item[] {
  return ranks.map((rank, order) => ({ rank, order, place: -1 }));
}

function sorted(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

const rank = fc.integer({ min: 0, max: 30 });
const ranks = fc.array(rank, { maxLength: 40 });

test("gives everything in order, whatever ranks changed in between", () => {
  fc.assert(
    fc.property(ranks, ranks, fc.array(fc.tuple(fc.nat(), rank)), (filled, added, changes) => {
      const heap = new Heap<Item>(isBefore);
      const items = itemsOf([...filled, ...added]);
      heap.fill(items.slice(0, filled.length));
      for (const item of items.slice(filled.length)) heap.add(item);
      for (const [pick, rank] of items.length === 0 ? [] : changes) {
        const item = items[pick % items.length] as Item;
        item.rank = rank;
        heap.moved(item);
        expect(heap.first).toBe(sorted(items)[0]);
      }
      expect(heap.size).toBe(items.length);
      expect(Array.from(items, () => heap.take())).toEqual(sorted(items));
      expect(heap.first).toBeUndefined();
    }),
  );
});

test("the first but some is the first of the others, and costs a look at two more for each passed over", () => {
  fc.assert(
    fc.property(ranks, fc.array(fc.nat({ max: 39 }), { maxLength: 6 }), (ranks, passedOver) => {
      const heap = new Heap<Item>(isBefore);
      const items = itemsOf(ranks);
      heap.fill(items);
      const out = new Set(passedOver.map((order) => items[order]));
      let looks = 0;
      const first = heap.firstBut((item) => {
        looks += 1;
        return out.has(item);
      });
      expect(first).toBe(sorted(items).find((item) => !out.has(item)));
      expect(looks).toBeLessThanOrEqual(2 * out.size + 1);
    }),
  );
});
