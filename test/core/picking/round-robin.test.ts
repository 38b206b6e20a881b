import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import type { Picker } from "../../../src/core/picking/picker.ts";
import { roundRobin } from "../../../src/core/picking/round-robin.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";

function picksOf(picker: Picker, count: number): Backend[] {
  return Array.from({ length: count }, () => picker.pick("", 0));
}

function over(members: readonly Backend[]): Picker {
  const picker = roundRobin();
  picker.rebuild(members, members);
  return picker;
}

test("300 requests over 3 backends are 100 each, in turn", () => {
  const members = upBackends([1, 1, 1]);
  const picks = picksOf(over(members), 300);
  expect(countPicks(members, picks)).toEqual([100, 100, 100]);
  expect(picks.slice(0, 4)).toEqual([...members, ...members.slice(0, 1)]);
});

test("equal weights: at every moment each backend is within one of its fair share", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 200 }),
      (count, weight, requests) => {
        const members = upBackends(new Array<number>(count).fill(weight));
        const picks = picksOf(over(members), requests);
        for (let length = 1; length <= requests; length++) {
          for (const picked of countPicks(members, picks.slice(0, length))) {
            expect(Math.abs(picked - length / count)).toBeLessThan(1);
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("weights: exact over each whole cycle", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (weights) => {
      const members = upBackends(weights);
      const picker = over(members);
      const cycle = weights.reduce((sum, weight) => sum + weight, 0);
      for (let turn = 0; turn < 3; turn++) {
        const counts = countPicks(members, picksOf(picker, cycle));
        // Equal weights make a shorter cycle, which divides this one.
        expect(counts).toEqual(weights);
      }
    }),
  );
});

/**
 * Serving turn k at (k + ½) / w means that at schedule time t backend i has had wᵢt turns, rounded to the
 * nearest: cᵢ = wᵢt + δᵢ with |δᵢ| ≤ ½. After n = Σcⱼ requests its ideal share is pᵢn with pᵢ = wᵢ / Σwⱼ, and
 *
 *     cᵢ − pᵢn = δᵢ − pᵢ Σδⱼ = (1 − pᵢ) δᵢ − pᵢ Σ_{j≠i} δⱼ
 *
 * whose size is at most ½ (1 − pᵢ) + ½ pᵢ (N − 1) = ½ + ½ pᵢ (N − 2) for N backends. So two backends are
 * never more than half a request from their share, and no one has its turns in a lump.
 */
test("weights: at every moment each backend is within ½ + ½ p (N − 2) of its share", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 10 }),
      fc.integer({ min: 1, max: 400 }),
      (weights, requests) => {
        const members = upBackends(weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = new Map<Backend, number>();
        const picker = over(members);
        for (let served = 1; served <= requests; served++) {
          const picked = picker.pick("", 0);
          counts.set(picked, (counts.get(picked) ?? 0) + 1);
          for (const backend of members) {
            const share = backend.weight / total;
            const bound = 0.5 + 0.5 * share * (members.length - 2);
            const deviation = Math.abs((counts.get(backend) ?? 0) - share * served);
            expect(deviation).toBeLessThanOrEqual(bound + 1e-9);
          }
        }
      },
    ),
  );
});

test("weights 2 and 1 alternate as evenly as they can", () => {
  const [a, b] = upBackends([2, 1]) as [Backend, Backend];
  expect(picksOf(over([a, b]), 9)).toEqual([a, b, a, a, b, a, a, b, a]);
});

const upAndDown = fc.record({
  size: fc.integer({ min: 1, max: 10 }),
  phases: fc.array(
    fc.record({ downMask: fc.nat({ max: 1023 }), requests: fc.integer({ min: 0, max: 40 }) }),
    { minLength: 1, maxLength: 20 },
  ),
});

test("backends that come and go: between changes every ready one gets its turn, within one", () => {
  fc.assert(
    fc.property(upAndDown, ({ size, phases }) => {
      const members = upBackends(new Array<number>(size).fill(1));
      const picker = roundRobin();
      for (const { downMask, requests } of phases) {
        const ready = members.filter((_, index) => (downMask & (1 << index)) === 0);
        picker.rebuild(ready, members);
        if (ready.length === 0) continue;
        const counts = countPicks(ready, picksOf(picker, requests));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("after a change the next turn is the next ready one's, never back at the first", () => {
  fc.assert(
    fc.property(upAndDown, ({ size, phases }) => {
      const members = upBackends(new Array<number>(size).fill(1));
      const picker = roundRobin();
      let last = -1;
      for (const { downMask, requests } of phases) {
        const ready = members.filter((_, index) => (downMask & (1 << index)) === 0);
        picker.rebuild(ready, members);
        if (ready.length === 0) continue;
        for (let request = 0; request < requests; request++) {
          const picked = members.indexOf(picker.pick("", 0));
          const expected = cyclicallyAfter(last, members, ready);
          expect(picked).toBe(expected);
          last = picked;
        }
      }
    }),
  );
});

function cyclicallyAfter(last: number, members: readonly Backend[], ready: readonly Backend[]): number {
  for (let step = 1; step <= members.length; step++) {
    const index = (last + step) % members.length;
    if (ready.includes(members[index] as Backend)) return index;
  }
  throw new Error("nothing is ready");
}

test("one that is down leaves its turns to all the others alike", () => {
  const members = upBackends([1, 1, 1, 1]);
  const [a, b, c, d] = members as [Backend, Backend, Backend, Backend];
  const picker = over(members);
  expect(picksOf(picker, 2)).toEqual([a, b]);
  picker.rebuild([a, c, d], members);
  const counts = countPicks(members, picksOf(picker, 300));
  expect(counts).toEqual([100, 0, 100, 100]);
});

test("when the one served last leaves the pool, the turn goes to the one after it", () => {
  const members = upBackends([1, 1, 1, 1]);
  const [a, b, c, d] = members as [Backend, Backend, Backend, Backend];
  const picker = over(members);
  expect(picksOf(picker, 2)).toEqual([a, b]);
  picker.rebuild([a, c, d], [a, c, d]);
  expect(picksOf(picker, 3)).toEqual([c, d, a]);
});
