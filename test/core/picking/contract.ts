import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import type { Picker, PickerFactory } from "../../../src/core/picking/picker.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { upBackends } from "../../simulation/sample-backends.ts";

/** A pool's life as a picker sees it: which members are ready, then the keys of the requests that follow. */
interface Phase {
  readonly ready: readonly boolean[];
  readonly keys: readonly string[];
}

const MEMBERS = 8;

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: MEMBERS, maxLength: MEMBERS });

const phase: fc.Arbitrary<Phase> = fc.record({
  ready: fc
    .array(fc.boolean(), { minLength: MEMBERS, maxLength: MEMBERS })
    .filter((flags) => flags.includes(true)),
  keys: fc.array(fc.string({ maxLength: 8 }), { maxLength: 40 }),
});

const phases = fc.array(phase, { minLength: 1, maxLength: 8 });

/** What every picker must do, whatever its rule. To be run over the whole table. */
export function pickerContract(name: string, factory: PickerFactory): void {
  describe(`the picker ${name}`, () => {
    test("returns only backends that are ready since the last rebuild", () => {
      fc.assert(
        fc.property(weights, phases, fc.integer(), (weights, phases, seed) => {
          const picker = factory(seededRandom(seed));
          const members = Object.freeze(upBackends(weights));
          for (const { ready, keys } of phases) {
            const readyNow = Object.freeze(members.filter((_, index) => ready[index]));
            picker.rebuild(readyNow, members);
            for (const key of keys) expect(readyNow).toContain(pick(picker, key));
          }
        }),
      );
    });

    test("survives that nothing is ready, and goes on when something is", () => {
      const picker = factory(seededRandom(1));
      const members = upBackends([1, 2, 3]);
      picker.rebuild([], members);
      picker.rebuild(members, members);
      expect(members).toContain(pick(picker, "a"));
      picker.rebuild([], members);
      picker.rebuild(members.slice(2), members);
      expect(pick(picker, "a")).toBe(members[2] as Backend);
    });

    test("picks the same under the same seed", () => {
      fc.assert(
        fc.property(weights, phases, fc.integer(), (weights, phases, seed) => {
          const play = () => {
            const picker = factory(seededRandom(seed));
            const members = upBackends(weights);
            return phases.flatMap(({ ready, keys }) => {
              picker.rebuild(
                members.filter((_, index) => ready[index]),
                members,
              );
              return keys.map((key) => pick(picker, key).id);
            });
          };
          expect(play()).toEqual(play());
        }),
      );
    });

    test.each([1, 1000])("works with %d backends", (count) => {
      const picker = factory(seededRandom(7));
      const members = upBackends(Array.from({ length: count }, (_, index) => 1 + (index % 5)));
      picker.rebuild(members, members);
      const known = new Set(members);
      for (let index = 0; index < 5_000; index++) expect(known.has(pick(picker, `key ${index}`))).toBe(true);
    });

    test("drops a backend that left the pool, and takes in a new one", () => {
      const picker = factory(seededRandom(3));
      const [first, second, third] = upBackends([1, 1, 1]) as [Backend, Backend, Backend];
      picker.rebuild([first, second], [first, second]);
      for (let index = 0; index < 10; index++) pick(picker, `key ${index}`);
      picker.rebuild([third], [third]);
      for (let index = 0; index < 10; index++) expect(pick(picker, `key ${index}`)).toBe(third);
    });
  });
}

function pick(picker: Picker, key: string): Backend {
  return picker.pick(picker.usesKey ? key : "", 0);
}
