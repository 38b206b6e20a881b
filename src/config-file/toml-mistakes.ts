import type { ParseError } from "toml-eslint-parser";
import { foundAt, type Mistake } from "./node.ts";

/** What was expected where the parser says this. Its messages are all that tells its errors apart. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^Unterminated string/, "the quote that ends the string"],
  [/^Unterminated table-key/, "the ] that ends the table's name"],
  [/^Unterminated array/, "the ] that ends the list"],
  [/^Unterminated inline table/, "the } that ends the inline table"],
  [/^Empty bare keys/, "a key"],
  [/^Must be a newline/, "the end of the line"],
  [/^Expected equal/, "an equals sign after the key"],
  [/^Unspecified values/, "a value"],
  [/^Expected comma/, "a comma"],
  [/^The key, equals sign, and value/, "key, equals sign and value in one line"],
  [/^No newlines are allowed between/, "the inline table in one line"],
  [/^Underscores are allowed/, "a digit on both sides of each underscore"],
  [/^Unexpected spaces/, "no space between the brackets"],
  [/^Three or more quotes/, "at most two quotes in a row within the string"],
  [/^Unexpected invalid date/, "a date that there is"],
  [/^Unexpected invalid time/, "a time that there is"],
  [/^Leading zeros/, "a number without leading zeros"],
  [/^Trailing comma/, "no comma after the last entry"],
  [/^Invalid character in escape/, 'an escape that TOML has, such as \\n, \\" or \\u00E9'],
  [/^Consecutive dots|^Keys cannot (?:end|start) with a dot/, "a key on both sides of each dot"],
  [/^Control characters|^Invalid code point/, "a character that TOML allows, or its escape"],
];

/** Of these the parser names a character in the middle of what is wrong. */
const OF_THE_WORD = /^(?:Unexpected invalid|Underscores are|Invalid code point)/;

/** The mistake that ended the parser's reading, in our words. */
export function tomlMistake(text: string, { message, index }: ParseError): Mistake {
  const at = Math.max(0, Math.min(index, text.length));
  const offset = OF_THE_WORD.test(message) ? wordStart(text, at) : at;
  if (message.startsWith("Defining a key multiple times")) {
    return { offset, message: `found the key ${keyAt(text, offset)} again, expected each key once` };
  }
  const expected = EXPECTED.find(([pattern]) => pattern.test(message))?.[1] ?? expectedAt(text, offset);
  return { offset, message: `found ${foundAt(text, offset)}, expected ${expected}` };
}

/** Of what could not stand there at all, the parser does not say what could. */
function expectedAt(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - 200), offset);
  const last = /(\S)\s*$/.exec(before)?.[1];
  if (last === "=") return "a quoted string, a number, true, false, a date, a list or an inline table";
  if (last === "," || last === "[") return "a value, or the end of the list";
  // A word is a key, were it not for a list that is still open.
  if (/(?:^|\n)[ \t]*$/.test(before)) return /[\w"'-]/.test(text[offset] ?? "") ? "a comma or ]" : "a key";
  return "what TOML allows here";
}

function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\w.+:\\-]/.test(text[start - 1] as string)) start -= 1;
  return start;
}

/** A part of a key, in quotes whether or not it is written in any. */
function keyAt(text: string, offset: number): string {
  const key = /^(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]*)/.exec(text.slice(offset, offset + 200))?.[0] ?? "";
  return key.startsWith('"') ? key : JSON.stringify(key.replace(/^'|'$/g, ""));
}
