import type { YAMLError } from "yaml";
import { foundAt, type Mistake } from "./node.ts";

/** What follows from a mistake is not told: at most this many are. */
const MOST_TOLD = 20;

/**
 * The mistakes that the parser found, in our words: of each line the first, since the others follow from it.
 *
 * @param errors Its errors and warnings: what it only warns of is as surely not meant.
 */
export function yamlMistakes(text: string, errors: readonly YAMLError[]): Mistake[] {
  const told = new Map<number, Mistake>();
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  for (const { code, message, pos } of sorted) {
    const offset = pastSpaces(text, pos[0]);
    const line = text.lastIndexOf("\n", offset - 1);
    if (told.has(line)) continue;
    told.set(line, { offset, message: sentence(text, offset, pos[1], code, message) });
  }
  return [...told.values()].slice(0, MOST_TOLD);
}

/** The offset of what is meant: indentation is wrong for the sake of what it comes before. */
function pastSpaces(text: string, offset: number): number {
  let at = Math.min(offset, text.length);
  while (text[at] === " ") at += 1;
  return at;
}

/** What the parser's messages come to. The first pattern that the code and message match is the one. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^DUPLICATE_KEY/, "found the key WORD again, expected each key once"],
  [/^TAB_AS_INDENT/, "found a tab, expected spaces before the line's first word"],
  [/^MULTIPLE_DOCS/, "found a second document, expected one"],
  [/^NON_STRING_KEY/, "found a key that is not a string, expected a word or a quoted string"],
  [/^KEY_OVER_1024_CHARS/, "found a key of more than 1024 characters, expected a shorter one"],
  [/^BAD_DQ_ESCAPE/, 'found an escape that YAML does not have, expected one such as \\n, \\" or \\u00e9'],
  [
    /^BAD_SCALAR_START/,
    "found FOUND, expected a value in quotes, since no other may begin with this character",
  ],
  [/^TAG_RESOLVE_FAILED/, "found the tag SPAN, expected none, or one that fits the value"],
  [/^BAD_COLLECTION_TYPE/, "found the tag SPAN, expected none, or one that fits the value"],
  [/^MULTIPLE_TAGS/, "found a second tag, expected one"],
  [/^MULTIPLE_ANCHORS/, "found a second anchor, expected one"],
  [/^ALIAS_PROPS/, "found a tag or an anchor before an alias, expected the alias alone"],
  [/^BAD_ALIAS/, "found an anchor or alias that is not a name, expected a name after & or *"],
  [/^RESOURCE_EXHAUSTION/, "found lists and objects too deep in each other, expected fewer"],
  [/^BAD_DIRECTIVE/, "found a directive that YAML 1.2 does not have, expected %YAML 1.2 or none"],
  [/Missing closing .quote/, "found FOUND, expected the quote that ends the string"],
  [/end with a ]/, "found FOUND, expected a comma or ], indented further than the key"],
  [/end with a }/, "found FOUND, expected a comma or }, indented further than the key"],
  [/^UNEXPECTED_TOKEN: Unexpected , in flow/, "found a comma, expected a value before it"],
  [/Missing , between|Missing , or :/, "found FOUND, expected a comma before it"],
  [/followed by map values/, "found a word without a value, expected a colon and a space after a key"],
  [
    /Nested mappings are not allowed/,
    "found a second key in the line, expected one key and its value, or quotes",
  ],
  [
    /block sequence may not be used as an implicit/,
    "found a list item, expected it to stand under the one above",
  ],
  [/same line with key/, "found a list item, expected it in a line of its own"],
  [/Implicit keys need to be on a single line/, "found a word without a value, expected a colon after it"],
  [/Sequence item without -/, "found FOUND, expected a list item that begins with -"],
  [
    /must start at the same column/,
    "found FOUND, expected it as far from the margin as what it belongs with",
  ],
  [/Missing space after :/, "found FOUND, expected a space after the colon"],
  [/Block scalar header/, "found SPAN, expected nothing but - or + and a digit after | or >"],
  [/Comments must be separated/, "found a comment, expected a space before it"],
  [/^BLOCK_IN_FLOW/, "found a value in lines of its own, expected it within the brackets"],
  [/^UNEXPECTED_TOKEN/, "found FOUND, expected the end of the value"],
];

function sentence(text: string, offset: number, end: number, code: string, message: string): string {
  const known = SENTENCES.find(([pattern]) => pattern.test(`${code}: ${message}`))?.[1];
  if (known === undefined) {
    const [first = ""] = message.split("\n");
    return `found what YAML does not allow (${first}), expected YAML 1.2`;
  }
  return known
    .replace("FOUND", () => foundAt(text, offset))
    .replace("WORD", () => quotedKeyAt(text, offset))
    .replace("SPAN", () => text.slice(offset, end));
}

/** The key at an offset, in quotes whether or not it is written in any. */
function quotedKeyAt(text: string, offset: number): string {
  const key =
    /^(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^:\n,}]*)/.exec(text.slice(offset, offset + 200))?.[0] ?? "";
  return key.startsWith('"') ? key : JSON.stringify(key.replace(/^'|'$/g, "").trim());
}
