import { expect, test } from "bun:test";
import fc from "fast-check";
import { queryValue } from "../../src/routing/query.ts";

test.each([
  ["a=1&b=2", "b", "2"],
  ["a=1&a=2", "a", "1"],
  ["a", "a", ""],
  ["a=", "a", ""],
  ["a=b=c", "a", "b=c"],
  ["ab=1", "a", null],
  ["", "a", null],
  ["&&a=1", "a", "1"],
  ["%61=+%2B", "a", " +"],
  ["a+b=1", "a b", "1"],
  ["a+b=1", "a+b", null],
  ["A=1", "a", null],
  ["a=%zz%41", "a", "%zzA"],
  ["a=%ff%41", "a", "\ufffdA"],
])("of %p the value of %p is %p", (query, name, expected) => {
  expect(queryValue(query, name)).toBe(expected);
});

test("a parameter is what forms have", () => {
  const piece = fc.constantFrom("a", "b", "=", "&", "%61", "%", "+", "%2B", "%c3%a9", "%c3", "ab", "?");
  const query = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(query, fc.constantFrom("a", "ab", "\u00e9", "+", "a ", "%"), (query, name) => {
      // A question mark at the beginning would be taken for the one before a query.
      expect(queryValue(query, name)).toBe(new URLSearchParams(`?${query}`).get(name));
    }),
    { numRuns: 3000 },
  );
});
