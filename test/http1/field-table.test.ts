import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FieldTable, UNLISTED } from "../../src/http1/field-table.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { fieldName } from "../../src/http1/known-names.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { bytes } from "./pieces.ts";

function headOf(...names: readonly string[]): HeadParser {
  const head = new HeadParser(DEFAULT_LIMITS);
  head.push(bytes(`${names.map((name) => `${name}: v\r\n`).join("")}\r\n`), 0);
  return head;
}

/** A token of few letters, so that many are nearly the same; in small letters. */
const name = fc.stringMatching(/^[a-b_\x5e`~0-]{1,4}$/);

/** The same name in another case. */
const written = (text: string, isUpper: (letter: string) => boolean) =>
  [...text].map((letter) => (isUpper(letter) ? letter.toUpperCase() : letter)).join("");

describe("a field table", () => {
  test("finds exactly the names that it was given, in any case", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 40 }),
        fc.array(name, { minLength: 1, maxLength: 40 }),
        fc.func(fc.boolean()),
        (names, asked, isUpper) => {
          const table = new FieldTable(Object.fromEntries(names.map((known, index) => [known, index + 5])));
          const head = headOf(...asked.map((text) => written(text, isUpper)));
          for (const [field, text] of asked.entries()) {
            const index = names.indexOf(text);
            expect(table.find(head, field)).toBe(index < 0 ? UNLISTED : index + 5);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("takes no other character for a letter", () => {
    const table = new FieldTable({ a_b: 1, "a-b": 2, "^": 3, "~": 4 });
    const asked = ["A_B", "a\x7fb".replace("\x7f", "?"), "A-b", "a\rb".replace("\r", "M"), "^", "~", "|"];
    expect(asked.map((text) => table.at(bytes(text), 0, text.length))).toEqual([1, 0, 2, 0, 3, 4, 0]);
  });

  test("finds nothing in no bytes, and nothing if it is empty", () => {
    expect(new FieldTable({ a: 1 }).at(bytes("a"), 1, 1)).toBe(UNLISTED);
    expect(new FieldTable({}).find(headOf("a"), 0)).toBe(UNLISTED);
  });
});

test("a common name is found in any case, and no other is taken for it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("content-length", "date", "set-cookie", "x-other", "datf", "etag"),
      fc.func(fc.boolean()),
      (common, isUpper) => {
        const given = written(common, isUpper);
        const isKnown = common !== "x-other" && common !== "datf";
        expect(fieldName(headOf(given), 0)).toBe(isKnown ? common : given);
      },
    ),
  );
});
