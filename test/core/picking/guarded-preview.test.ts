/** What is said of a picker that somebody else has written. */
import { expect, test } from "bun:test";
import type { Backend } from "../../../src/core/backend.ts";
import { createPicker } from "../../../src/core/picking/index.ts";
import { pickBy } from "../../../src/core/picking/pick-by.ts";
import type { Picker } from "../../../src/core/picking/picker.ts";
import type { PickForecast } from "../../../src/core/picking/preview.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { upBackends } from "../../simulation/sample-backends.ts";

const MEMBERS = upBackends([1, 1]);
const [A, B] = MEMBERS as [Backend, Backend];
const STRANGER = upBackends([1, 1, 1])[2] as Backend;

function forecastOf(own: Partial<Picker>): PickForecast {
  const picker = createPicker(
    () => ({ rebuild() {}, pick: () => A, ...own }),
    {},
    seededRandom(1),
    (reason) => {
      throw new Error(`told of ${reason}`);
    },
  );
  picker.rebuild(MEMBERS, MEMBERS);
  return picker.preview().next("", 0, []);
}

test("one that has no preview is not asked to pick", () => {
  expect(
    forecastOf({
      pick() {
        throw new Error("asked");
      },
    }),
  ).toEqual({ rule: "a picker of your own that has no preview", prospects: [] });
  let asked = 0;
  const choice = pickBy((ready) => {
    asked += 1;
    return ready[0];
  });
  const picker = createPicker(choice, {}, seededRandom(1), () => {});
  picker.rebuild(MEMBERS, MEMBERS);
  expect(picker.preview().next("", 0, []).prospects).toEqual([]);
  expect(asked).toBe(0);
});

test("what it says is passed on", () => {
  const forecast = {
    rule: "the last",
    prospects: [
      { backend: A, chance: 0, score: "1", reason: "not the last" },
      { backend: B, chance: 1, score: "2", reason: "the last" },
    ],
  };
  expect(forecastOf({ preview: () => ({ next: () => forecast }) })).toEqual(forecast);
});

const prospect = { backend: A, chance: 1, score: "", reason: "" };

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["no prospects", { rule: "" }],
  ["a rule that is no text", { rule: 1, prospects: [] }],
  ["a prospect that is none", { rule: "", prospects: [null] }],
  ["a backend that is out", { rule: "", prospects: [{ ...prospect, backend: STRANGER }] }],
  ["a chance above 1", { rule: "", prospects: [{ ...prospect, chance: 1.5 }] }],
  ["a chance that is no number", { rule: "", prospects: [{ ...prospect, chance: Number.NaN }] }],
  ["a score that is no text", { rule: "", prospects: [{ ...prospect, score: 3 }] }],
])("%s is no forecast", (_, given) => {
  const forecast = forecastOf({ preview: () => ({ next: () => given as PickForecast }) });
  expect(forecast).toEqual({
    rule: "a picker of your own, whose preview gave something else than a forecast of ready backends",
    prospects: [],
  });
});

test("what it throws is told to whoever asked, and to nobody else", () => {
  const fail = () => {
    throw new RangeError("too far");
  };
  const told = { rule: "a picker of your own, whose preview threw RangeError: too far", prospects: [] };
  expect(forecastOf({ preview: fail })).toEqual(told);
  expect(forecastOf({ preview: () => ({ next: fail }) })).toEqual(told);
});

test("while round robin stands in for it, that is what is foreseen", () => {
  const faults: string[] = [];
  const picker = createPicker(
    () => ({
      rebuild() {
        throw new Error("no");
      },
      pick: () => A,
    }),
    {},
    seededRandom(1),
    (reason) => faults.push(reason),
  );
  picker.rebuild(MEMBERS, MEMBERS);
  const { rule, prospects } = picker.preview().next("", 0, []);
  expect(rule).toBe("each in turn, as often as its weight says");
  expect(prospects.find(({ chance }) => chance === 1)?.backend).toBe(picker.pick("", 0, []));
});
