import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type * as v from "valibot";
import { ConfigError } from "../../../src/config/problem.ts";
import { check } from "../../../src/config/schema/check.ts";
import { required, withDefault } from "../../../src/config/schema/keys.ts";
import type { Schema } from "../../../src/config/schema/run.ts";
import { either, listOf, objectOf, orFalse, recordOf } from "../../../src/config/schema/shapes.ts";
import {
  cidr,
  decimal,
  functionOf,
  headerName,
  headerValue,
  milliseconds,
  oneOf,
  regExp,
  text,
  urlPath,
  wholeNumber,
  yesOrNo,
} from "../../../src/config/schema/values.ts";
import { messageOf } from "../message-of.ts";

const callback = functionOf<() => void>({ type: "() => void" }, "a function");
const named = recordOf(/^[a-z]+$/, "letters", yesOrNo());

const TAKEN: [string, Schema, unknown, unknown][] = [
  ["a whole number", wholeNumber(1, 5), 5, 5],
  ["a number", decimal(0, 1), 0.5, 0.5],
  ["a time", milliseconds(0), 0.5, 0.5],
  ["a switch", yesOrNo(), false, false],
  ["a word", oneOf(["a", "b"]), "b", "b"],
  ["a number among words", oneOf(["a", 5]), 5, 5],
  ["a text", text("digits", /^\d+$/), "12", "12"],
  ["a path", urlPath("/up"), "/a?b", "/a?b"],
  ["a header's name", headerName(), "X-A", "x-a"],
  ["a header's value", headerValue(), "caf\u00e9", "caf\u00e9"],
  ["a range", cidr(), "10.0.0.0/8", { bytes: [10, 0, 0, 0], bits: 8 }],
  ["a pattern", regExp(), /a/i, /a/i],
  ["a pattern in a file", regExp(), { pattern: "a", flags: "i" }, /a/i],
  ["a list", listOf(yesOrNo()), [true], [true]],
  ["names", named, { a: true, b: undefined }, { a: true }],
  [
    "a name that objects have of themselves",
    named,
    JSON.parse('{"constructor":true}'),
    { constructor: true },
  ],
  ["off", orFalse(wholeNumber(1, 2)), false, false],
  ["not off", orFalse(wholeNumber(1, 2)), 1, 1],
];

test.each(TAKEN)("takes %s", (_, schema, value, output) => {
  expect<unknown>(check(schema, value)).toEqual(output);
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const REFUSED: [string, Schema, unknown, string][] = [
  ["a fraction", wholeNumber(1, 5), 1.5, "k: found 1.5, expected a whole number from 1 to 5"],
  ["no number", wholeNumber(1, 5), Number.NaN, "k: found NaN, expected a whole number from 1 to 5"],
  ["too many", decimal(0, 1), 1.1, "k: found 1.1, expected a number from 0 to 1"],
  ["no time", milliseconds(1), "5s", 'k: found "5s", expected a number of milliseconds, at least 1'],
  [
    "more than timers take",
    milliseconds(1),
    2 ** 31,
    "k: found 2147483648, expected a number of milliseconds, at least 1",
  ],
  ["a word for a switch", yesOrNo(), "on", 'k: found "on", expected true or false'],
  [
    "a slip",
    oneOf(["lax", "strict"]),
    "strikt",
    'k: found "strikt", expected lax or strict; did you mean strict?',
  ],
  ["no word", oneOf(["a", "b", "c"]), {}, "k: found {}, expected a, b or c"],
  ["another text", text("digits", /^\d+$/), "x", 'k: found "x", expected digits'],
  ["a fragment", urlPath("/up"), "/a#b", 'k: found "/a#b", expected a path that begins with /, such as /up'],
  ["no name", headerName(), "a b", 'k: found "a b", expected the name of a header, such as x-user'],
  ["two lines", headerValue(), "a\nb", 'k: found "a\\nb", expected a text in one line'],
  [
    "no range",
    cidr(),
    "10/8",
    'k: found "10/8", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
  ],
  [
    "a text for a pattern",
    regExp(),
    "a",
    'k: found "a", expected a regular expression, or { pattern } with one',
  ],
  ["no list", listOf(yesOrNo()), {}, "k: found {}, expected a list"],
  ["one in a list", listOf(yesOrNo()), [true, 7], "k: found 7, expected true or false"],
  ["an object in a list", listOf(yesOrNo()), [true, {}], "k[1]: found {}, expected true or false"],
  ["a name", named, { A: true }, 'k: found the name "A", expected letters'],
  ["a named value", named, { a: 7 }, "k.a: found 7, expected true or false"],
  ["no names", named, [], "k: found [], expected an object"],
  ["nothing", objectOf({ a: required("A.", yesOrNo()) }), {}, "k.a: found nothing, expected true or false"],
  ["neither an object nor off", orFalse(objectOf({})), true, "k: found true, expected an object or false"],
  ["a text for a function", callback, "f", 'k: found "f", expected a function'],
  ["what holds itself", yesOrNo(), cyclic, "k: found an object, expected true or false"],
  ["a big integer", yesOrNo(), 7n, "k: found 7, expected true or false"],
];

test.each(REFUSED)("refuses %s", (_, schema, value, sentence) => {
  expect(messageOf(() => check(schema, value, "k"))).toBe(sentence);
});

test("says why a pattern is none", () => {
  expect(messageOf(() => check(regExp(), { pattern: "(" }, "k"))).toStartWith(
    'k: found {"pattern":"("}, expected a regular expression, or { pattern } with one: Invalid regular expression',
  );
});

const pool = objectOf({
  retries: withDefault("Tries after the first.", wholeNumber(0, 100), 2),
  healthCheck: withDefault(
    "Checks.",
    orFalse(objectOf({ path: withDefault("A path.", urlPath("/up"), "/up") })),
    {},
  ),
  backends: required(
    "Where requests go.",
    listOf(
      either([text("a URL"), objectOf({ weight: required("W.", wholeNumber(1, 9)) })], (value) =>
        typeof value === "string" ? 0 : 1,
      ),
    ),
  ),
});
const config = objectOf({ pools: required("Pools.", recordOf(/^\w+$/, "a word", pool)) });

test("fills in what is not there, or there without a value", () => {
  const output: v.InferOutput<typeof pool> = check(pool, { backends: ["http://a"], retries: undefined });
  expect(output).toEqual({ backends: ["http://a"], retries: 2, healthCheck: { path: "/up" } });
});

test("tells all that is wrong at once, each with its path", () => {
  const value = {
    polls: 1,
    pools: {
      a: { retires: 1, zzz: 1, retries: -1, healthCheck: { paht: "/", path: 7 }, backends: [{ weight: 0 }] },
      "b c": {},
    },
  };
  const error = thrown(() => check(config, value));
  expect(error.problems).toEqual([
    { path: ["polls"], place: "config", message: 'found the unknown key "polls"; did you mean pools?' },
    {
      path: ["pools", "a", "retires"],
      place: "pools.a",
      message: 'found the unknown key "retires"; did you mean retries?',
    },
    {
      path: ["pools", "a", "zzz"],
      place: "pools.a",
      message: 'found the unknown key "zzz", expected retries, healthCheck, backends',
    },
    {
      path: ["pools", "a", "retries"],
      place: "pools.a.retries",
      message: "found -1, expected a whole number from 0 to 100",
    },
    {
      path: ["pools", "a", "healthCheck", "paht"],
      place: "pools.a.healthCheck",
      message: 'found the unknown key "paht"; did you mean path?',
    },
    {
      path: ["pools", "a", "healthCheck", "path"],
      place: "pools.a.healthCheck.path",
      message: "found 7, expected a path that begins with /, such as /up",
    },
    {
      path: ["pools", "a", "backends", 0, "weight"],
      place: "pools.a.backends[0].weight",
      message: "found 0, expected a whole number from 1 to 9",
    },
    { path: ["pools", "b c"], place: "pools", message: 'found the name "b c", expected a word' },
  ]);
  expect(error.message.split("\n")).toHaveLength(8);
});

test("says where in the config a part of it is", () => {
  const error = thrown(() => check(pool, { backends: 1 }, ["pools", "a"]));
  expect(error.problems[0]).toMatchObject({ path: ["pools", "a", "backends"], place: "pools.a.backends" });
});

describe("whatever JSON it meets", () => {
  test("it takes it, or tells what is wrong with it", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        try {
          check(config, value);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          for (const { message } of (error as ConfigError).problems) expect(message).toStartWith("found ");
        }
      }),
    );
  });
});

function thrown(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
