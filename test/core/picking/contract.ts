import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import type { PickerFactory } from "../../../src/core/picking/picker.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { upBackends } from "../../simulation/sample-backends.ts";
import { Pool } from "./pool.ts";
import { countedReads } from "./reads.ts";

/** A pool's life as a picker sees it: which members are ready, then the requests that follow. */
interface Phase {
  readonly ready: readonly boolean[];
  readonly requests: readonly SampleRequest[];
}

interface SampleRequest {
  readonly key: string;
  /** The members that it has been to, as bits. */
  readonly avoidMask: number;
  /** Whether one that is under way ends before it. */
  readonly ends: boolean;
  readonly afterMs: number;
}

const MEMBERS = 8;

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: MEMBERS, maxLength: MEMBERS });

const request: fc.Arbitrary<SampleRequest> = fc.record({
  key: fc.string({ maxLength: 8 }),
  avoidMask: fc.oneof(fc.constant(0), fc.nat({ max: 2 ** MEMBERS - 1 })),
  ends: fc.boolean(),
  afterMs: fc.nat({ max: 2_000 }),
});

const phase: fc.Arbitrary<Phase> = fc.record({
  ready: fc
    .array(fc.boolean(), { minLength: MEMBERS, maxLength: MEMBERS })
    .filter((flags) => flags.includes(true)),
  requests: fc.array(request, { maxLength: 40 }),
});

const phases = fc.array(phase, { minLength: 1, maxLength: 8 });

/** What every picker must do, whatever its rule. To be run over the whole table. */
export function pickerContract(name: string, factory: PickerFactory): void {
  // Those that hash make a table for each run, which takes its time.
  const numRuns = factory(seededRandom(0)).keySource === undefined ? 100 : 20;
  describe(`the picker ${name}`, () => {
    test("returns only backends that are ready, and to be avoided only if all are", () => {
      fc.assert(
        fc.property(weights, phases, fc.integer(), (weights, phases, seed) => {
          play(factory, weights, phases, seed, (picked, ready, avoid) => {
            expect(ready).toContain(picked);
            expect(avoid.includes(picked)).toBe(ready.every((backend) => avoid.includes(backend)));
          });
        }),
        { numRuns },
      );
    });

    test("picks the same under the same seed", () => {
      fc.assert(
        fc.property(weights, phases, fc.integer(), (weights, phases, seed) => {
          const once = () => {
            const picks: string[] = [];
            play(factory, weights, phases, seed, ({ id }) => picks.push(id));
            return picks;
          };
          expect(once()).toEqual(once());
        }),
        { numRuns },
      );
    });

    test("survives that nothing is ready, and goes on when something is", () => {
      const picker = factory(seededRandom(1));
      const members = upBackends([1, 2, 3]);
      picker.rebuild([], members);
      picker.rebuild(members, members);
      expect(members).toContain(picker.pick("a", 0, []));
      picker.rebuild([], members);
      picker.rebuild(members.slice(2), members);
      expect(picker.pick("a", 0, [])).toBe(members[2] as Backend);
    });

    test.each([1, 1000])("works with %d backends", (count) => {
      const picker = factory(seededRandom(7));
      const members = upBackends(Array.from({ length: count }, (_, index) => 1 + (index % 5)));
      picker.rebuild(members, members);
      const known = new Set(members);
      for (let index = 0; index < 5_000; index++) {
        expect(known.has(picker.pick(`key ${index}`, 0, []))).toBe(true);
      }
    });

    test("drops a backend that left the pool, and takes in a new one", () => {
      const picker = factory(seededRandom(3));
      const [first, second, third] = upBackends([1, 1, 1]) as [Backend, Backend, Backend];
      const pool = new Pool(picker, [first, second]);
      const picks = Array.from({ length: 10 }, (_, index) => pool.request(`key ${index}`));
      pool.become([third], [third]);
      for (let index = 0; index < 10; index++) expect(pool.request(`key ${index}`)).toBe(third);
      // What is under way at those that left still ends.
      for (const backend of picks) pool.end(backend);
      expect(pool.request("key")).toBe(third);
    });

    test("looks at few backends for each request, however many there are", () => {
      const few = readsARequest(factory, 10);
      const many = readsARequest(factory, 10_000);
      // Ten times as many for a thousand times the backends would be far beyond O(log n).
      expect(many).toBeLessThan(10 * few + 10);
      expect(many).toBeLessThan(500);
    });
  });
}

type Look = (picked: Backend, ready: readonly Backend[], avoid: readonly Backend[]) => void;

function play(
  factory: PickerFactory,
  weights: readonly number[],
  phases: readonly Phase[],
  seed: number,
  look: Look,
): void {
  const members = Object.freeze(upBackends(weights));
  const pool = new Pool(factory(seededRandom(seed)), members);
  for (const phase of phases) {
    const ready = Object.freeze(members.filter((_, index) => phase.ready[index]));
    pool.become(ready, members);
    for (const { key, avoidMask, ends, afterMs } of phase.requests) {
      pool.nowMs += afterMs;
      if (ends) pool.endOldest();
      const avoid = members.filter((_, index) => (avoidMask & (1 << index)) !== 0);
      look(pool.request(key, avoid), ready, avoid);
    }
  }
}

/**
 * How often a field of any backend is read for a request, from its pick to its end, on the average of many with as
 * many under way as there are backends: a rule that looks at all of them cannot hide.
 */
function readsARequest(factory: PickerFactory, count: number): number {
  const { backends, reads } = countedReads(
    upBackends(Array.from({ length: count }, (_, index) => 1 + (index % 7))),
  );
  const pool = new Pool(factory(seededRandom(11)), backends);
  for (let index = 0; index < count; index++) pool.request(`key ${index % 997}`);
  const before = reads();
  const requests = 200;
  for (let index = 0; index < requests; index++) {
    pool.endOldest();
    pool.request(`key ${index % 997}`);
  }
  return (reads() - before) / requests;
}
