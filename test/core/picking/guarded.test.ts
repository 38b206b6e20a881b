import { expect, test } from "bun:test";
import type { Backend } from "../../../src/core/backend.ts";
import { createPicker } from "../../../src/core/picking/index.ts";
import { pickBy } from "../../../src/core/picking/pick-by.ts";
import type { Picker } from "../../../src/core/picking/picker.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { countPicks, sampleSpec, upBackends } from "../../simulation/sample-backends.ts";
import { Pool } from "./pool.ts";

const MEMBERS = upBackends([1, 1, 1]);
const [A, B, C] = MEMBERS as [Backend, Backend, Backend];

/** A picker that always answers A, but for what is said. */
function ownPicker(parts: Partial<Picker>): Picker {
  return { rebuild() {}, pick: () => A, ...parts };
}

function guarded(own: Picker): { readonly picker: Picker; readonly faults: string[] } {
  const faults: string[] = [];
  const picker = createPicker(
    () => own,
    {},
    seededRandom(1),
    (reason) => faults.push(reason),
  );
  return { picker, faults };
}

const STRANGER = upBackends([1, 1, 1, 1])[3] as Backend;

test.each<[string, () => unknown, string]>([
  ["undefined", () => undefined, "its pick returned undefined undefined, expected one of the ready backends"],
  ["null", () => null, "its pick returned object null, expected one of the ready backends"],
  ["a number", () => 2, "its pick returned number 2, expected one of the ready backends"],
  ["a spec", () => sampleSpec(0), "its pick returned http://10.0.0.0:80, expected one of the ready backends"],
  [
    "an object",
    () => ({}),
    "its pick returned an object that is no backend, expected one of the ready backends",
  ],
  [
    "a backend of another pool",
    () => STRANGER,
    "its pick returned http://10.0.0.3:80, expected one of the ready backends",
  ],
  [
    "an exception",
    () => {
      throw new RangeError("too far");
    },
    "its pick threw RangeError: too far",
  ],
  [
    "something thrown that is no error",
    () => {
      throw "a word";
    },
    "its pick threw string a word",
  ],
])("a pick that gives %s: round robin stands in, and it is told once", (_, pick, fault) => {
  const { picker, faults } = guarded(ownPicker({ pick: pick as Picker["pick"] }));
  const pool = new Pool(picker, MEMBERS);
  const picks = Array.from({ length: 30 }, () => pool.request());
  expect(countPicks(MEMBERS, picks)).toEqual([10, 10, 10]);
  expect(faults).toEqual([fault]);
  while (pool.endOldest() !== undefined);
});

test("one that goes on to pick a backend which is out is not followed there", () => {
  const { picker, faults } = guarded(ownPicker({}));
  picker.rebuild(MEMBERS, MEMBERS);
  expect(picker.pick("", 0, [])).toBe(A);
  picker.rebuild([B, C], MEMBERS);
  expect([B, C]).toContain(picker.pick("", 0, []));
  expect(faults).toEqual(["its pick returned http://10.0.0.0:80, expected one of the ready backends"]);
  picker.rebuild(MEMBERS, MEMBERS);
  expect(picker.pick("", 0, [])).toBe(A);
});

test("one that fails now and then is asked again each time", () => {
  let asked = 0;
  const { picker } = guarded(
    ownPicker({
      pick() {
        asked += 1;
        if (asked % 2 === 0) throw new Error("every second time");
        return A;
      },
    }),
  );
  picker.rebuild([A], MEMBERS);
  for (let count = 0; count < 10; count++) expect(picker.pick("", 0, [])).toBe(A);
  expect(asked).toBe(10);
});

test("what a rebuild, begun or ended throws reaches nobody; without a rebuild it is not asked", () => {
  const fail = () => {
    throw new Error("no");
  };
  let isBroken = true;
  let asked = 0;
  const { picker, faults } = guarded(
    ownPicker({
      rebuild() {
        if (isBroken) fail();
      },
      pick() {
        asked += 1;
        return C;
      },
      begun: fail,
      ended: fail,
    }),
  );
  const pool = new Pool(picker, MEMBERS);
  expect([pool.request(), pool.request(), pool.request()]).toEqual([A, B, C]);
  expect(asked).toBe(0);
  while (pool.endOldest() !== undefined);
  expect(faults).toEqual(["its rebuild threw Error: no"]);
  isBroken = false;
  pool.become(MEMBERS, MEMBERS);
  expect(pool.request()).toBe(C);
  pool.endOldest();
});

test("one that does not care what to avoid is asked again, and then passed over", () => {
  let next = 0;
  const stubborn = guarded(ownPicker({}));
  const turning = guarded(
    ownPicker({
      pick() {
        next += 1;
        return MEMBERS[next % 3] as Backend;
      },
    }),
  );
  for (const { picker, faults } of [stubborn, turning]) {
    picker.rebuild(MEMBERS, MEMBERS);
    for (let count = 0; count < 20; count++) {
      expect([B, C]).toContain(picker.pick("", 0, [A]));
      expect(picker.pick("", 0, [A, B])).toBe(C);
      expect(MEMBERS).toContain(picker.pick("", 0, MEMBERS));
    }
    expect(faults).toEqual([]);
  }
});

test("a picker of one's own is told what the balancer's are told", () => {
  const told: string[] = [];
  const own: Picker = {
    keySource: "uri",
    rebuild: (ready, members) => told.push(`rebuild ${ready.length} of ${members.length}`),
    pick(key, nowMs, avoid) {
      told.push(`pick ${key} at ${nowMs}, not ${avoid.map(({ id }) => id)}`);
      return B;
    },
    begun: (backend) => told.push(`begun ${backend.inFlight}`),
    ended: (backend) => told.push(`ended ${backend.inFlight}`),
  };
  const { picker, faults } = guarded(own);
  expect(picker.keySource).toBe("uri");
  const pool = new Pool(picker, MEMBERS);
  pool.nowMs = 5;
  pool.request("/a", [A]);
  pool.endOldest();
  expect(told).toEqual(["rebuild 3 of 3", "pick /a at 5, not http://10.0.0.0:80", "begun 1", "ended 0"]);
  expect(faults).toEqual([]);
});

test("pickBy makes an algorithm of a function: ready backends that were not tried, a key, chance", () => {
  const seen: (readonly [readonly Backend[], string])[] = [];
  const factory = pickBy((ready, key, random) => {
    seen.push([ready, key]);
    return ready[random.below(ready.length)];
  }, "header:x-user");
  const picker = createPicker(factory, {}, seededRandom(1), (reason) => {
    throw new Error(reason);
  });
  expect(picker.keySource).toBe("header:x-user");
  picker.rebuild(MEMBERS, MEMBERS);
  expect(MEMBERS).toContain(picker.pick("ada", 0, []));
  expect(picker.pick("ada", 0, [A, C])).toBe(B);
  picker.pick("ada", 0, MEMBERS);
  expect(seen).toEqual([
    [MEMBERS, "ada"],
    [[B], "ada"],
    ...new Array(seen.length - 2).fill([MEMBERS, "ada"]),
  ]);
});
