import { expect, test } from "bun:test";
import fc from "fast-check";
import { ConfigError, didYouMean, nearestSpelling } from "../../src/config/problem.ts";

const KEYS = ["backends", "algorithm", "retries", "retryOn", "timeoutMs", "tryTimeoutMs", "statusPath"];

test.each([
  ["backend", "backends"],
  ["bakcends", "backends"],
  ["BACKENDS", "backends"],
  ["retires", "retries"],
  ["retryon", "retryOn"],
  ["timeout", "timeoutMs"],
  ["try-timeout-ms", "tryTimeoutMs"],
  ["status", undefined],
  ["port", undefined],
  ["", undefined],
])("%p is most like %p", (word, expected) => {
  expect(nearestSpelling(word, KEYS)).toBe(expected);
});

test("no candidates, no guess", () => {
  expect(nearestSpelling("a", [])).toBeUndefined();
  expect(didYouMean("a", [])).toBe("");
});

test("one swap of neighbours, one letter more, less or other is always recognised", () => {
  const slip = fc.record({
    word: fc.constantFrom(...KEYS),
    at: fc.nat({ max: 100 }),
    letter: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz"),
    kind: fc.constantFrom("swap", "drop", "add", "replace"),
  });
  fc.assert(
    fc.property(slip, ({ word, at, letter, kind }) => {
      const index = at % (word.length - 1);
      const [before, first = "", second = "", after] = [
        word.slice(0, index),
        word[index],
        word[index + 1],
        word.slice(index + 2),
      ];
      const slipped = {
        swap: `${before}${second}${first}${after}`,
        drop: `${before}${second}${after}`,
        add: `${before}${letter}${first}${second}${after}`,
        replace: `${before}${letter}${second}${after}`,
      }[kind];
      expect(nearestSpelling(slipped ?? "", KEYS)).toBe(word);
    }),
  );
});

test("the question names the guess as it is written where the user wrote", () => {
  expect(didYouMean("prot", ["port"], "--")).toBe("; did you mean --port?");
  expect(didYouMean("zzzzzz", ["port"], "--")).toBe("");
});

test("a config error is an Error of that name", () => {
  const error = new ConfigError("what is wrong");
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("ConfigError");
});
