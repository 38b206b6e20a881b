import { expect, test } from "bun:test";
import fc from "fast-check";
import { FairTurns, TurnTaker } from "../../../src/core/picking/fair-turns.ts";

const portions = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 20 });

function takersOf(portions: readonly number[]): TurnTaker[] {
  return portions.map((portion) => new TurnTaker(portion));
}

test("nobody is ever further from its share than Tijdeman's bound, 1 − 1/(2k − 2)", () => {
  fc.assert(
    fc.property(portions, (portions) => {
      const takers = takersOf(portions);
      const turns = new FairTurns(takers, new Array<number>(portions.length).fill(0));
      const cycle = portions.reduce((sum, portion) => sum + portion, 0);
      const bound = 1 - 1 / (2 * takers.length - 2);
      const taken = new Map<TurnTaker, number>();
      for (let given = 1; given <= 2 * cycle; given++) {
        const taker = turns.next();
        taken.set(taker, (taken.get(taker) ?? 0) + 1);
        for (const other of takers) {
          const off = Math.abs((taken.get(other) ?? 0) - (given * other.portion) / cycle);
          expect(off).toBeLessThanOrEqual(bound + 1e-9);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("each cycle gives everybody exactly its portion, the millionth as the first", () => {
  const takers = takersOf([997, 1, 2]);
  const turns = new FairTurns(takers, [0, 0, 0]);
  const counts = () => {
    const taken = [0, 0, 0];
    for (let given = 0; given < 1_000; given++) {
      const index = takers.indexOf(turns.next());
      taken[index] = (taken[index] as number) + 1;
    }
    return taken;
  };
  for (let cycle = 0; cycle < 1_000; cycle++) expect(counts()).toEqual([997, 1, 2]);
});

test("what was owed is paid back first, and then all goes on by portions", () => {
  fc.assert(
    fc.property(
      portions,
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 20, maxLength: 20 }),
      (portions, owed) => {
        const takers = takersOf(portions);
        const total = portions.reduce((sum, portion) => sum + portion, 0);
        const surplus = owed.slice(0, portions.length).reduce((sum, due) => sum + due, 0) / total;
        const dues = portions.map((portion, index) => (owed[index] as number) - surplus * portion);
        const turns = new FairTurns(takers, dues);
        const taken = new Map(takers.map((taker) => [taker, 0]));
        // Long enough for the slightest portion to make up for being three turns ahead.
        const requests = 8 * total;
        for (let given = 0; given < requests; given++) {
          const taker = turns.next();
          taken.set(taker, (taken.get(taker) ?? 0) + 1);
        }
        for (const [index, taker] of takers.entries()) {
          const due = (dues[index] as number) + (requests * taker.portion) / total;
          expect(Math.abs(due - (taken.get(taker) ?? 0))).toBeLessThan(1);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a copy gives the turns that would follow, and leaves the others as they are", () => {
  fc.assert(
    fc.property(portions, fc.nat({ max: 200 }), (portions, before) => {
      const takers = takersOf(portions);
      const turns = new FairTurns(takers, new Array<number>(portions.length).fill(0));
      for (let given = 0; given < before; given++) turns.next();
      const originals = new Map<TurnTaker, TurnTaker>();
      const copy = turns.copy((taker) => {
        const twin = new TurnTaker(taker.portion);
        originals.set(twin, taker);
        return twin;
      });
      const foreseen = Array.from({ length: 100 }, () => originals.get(copy.next()));
      expect(Array.from({ length: 100 }, () => turns.next())).toEqual(foreseen as TurnTaker[]);
    }),
  );
});
