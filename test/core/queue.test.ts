import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LAST_PRIORITY, Place, Queue, RANKS, rankOf } from "../../src/core/queue.ts";

type Command = { readonly kind: "join" | "leave"; readonly index: number; readonly rank: number };

const PLACES = 12;
const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom("join", "join", "leave"),
  index: fc.nat({ max: PLACES - 1 }),
  rank: fc.nat({ max: RANKS - 1 }),
});

test("goes by rank, and by arrival within one, whoever leaves from the middle", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 100, size: "max" }), (commands) => {
      const queue = new Queue<number>();
      const places = Array.from({ length: PLACES }, (_, index) => new Place(index));
      const model: { owner: number; rank: number; order: number }[] = [];
      for (const [order, { kind, index, rank }] of commands.entries()) {
        const place = places[index] as Place<number>;
        const at = model.findIndex(({ owner }) => owner === index);
        if (kind === "leave") {
          queue.remove(place);
          if (at >= 0) model.splice(at, 1);
        } else if (at < 0) {
          queue.add(place, rank, order);
          model.push({ owner: index, rank, order });
          model.sort((a, b) => a.rank - b.rank || a.order - b.order);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.first?.owner).toBe(model[0]?.owner as number);
        expect(queue.last?.owner).toBe(model.at(-1)?.owner as number);
        expect(queue.toArray()).toEqual(model.map(({ owner }) => owner));
        const [first, second] = model.map(({ owner }) => places[owner]);
        if (first !== undefined && second !== undefined) {
          expect([first.isBefore(second), second.isBefore(first)]).toEqual([true, false]);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("keeps hold of nobody who has left", () => {
  const queue = new Queue<number>();
  const places = [new Place(1), new Place(2), new Place(3)];
  for (const [order, place] of places.entries()) queue.add(place, 3, order);
  for (const place of places) queue.remove(place);
  for (const place of places) {
    expect([place.queue, place.ahead, place.behind]).toEqual([undefined, undefined, undefined]);
  }
  expect([queue.first, queue.last]).toEqual([undefined, undefined]);
});

describe("a rank", () => {
  test("is another one for each priority, and retries go ahead of new ones of theirs alone", () => {
    const ranks = Array.from({ length: LAST_PRIORITY + 1 }, (_, priority) => [
      rankOf(priority, true),
      rankOf(priority, false),
    ]).flat();
    expect(ranks).toEqual(Array.from({ length: RANKS }, (_, rank) => rank));
  });
});
