import {
  type ConfigNode,
  type Field,
  foundAt,
  type Mistake,
  MistakenText,
  type ParsedText,
  type ScalarNode,
} from "./node.ts";
import { MOST_LEVELS } from "./plain-value.ts";

/**
 * Reads JSON (RFC 8259), and no more than that. Comments, trailing commas and repeated keys are mistakes that the
 * reading goes on after; at any other it ends.
 *
 * @throws MistakenText
 */
export async function parseJson(text: string): Promise<ParsedText> {
  const reader = new JsonReader(text);
  return { root: reader.file(), typed: jsonTyped };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: which of them a string may not hold is what it says (§7)
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const STRING_BEGINNING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*/y;
const SPACE = /[ \t\r\n]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*/y;
const WORD = /[\w$]+/y;
const WORDS: ReadonlyMap<string | undefined, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function jsonTyped(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  NUMBER.lastIndex = 0;
  return NUMBER.exec(text)?.[0].length === text.length && text !== "" ? Number(text) : text;
}

class JsonReader {
  readonly #text: string;
  readonly #mistakes: Mistake[] = [];
  #at = 0;
  #level = 0;

  constructor(text: string) {
    this.#text = text;
  }

  file(): ConfigNode {
    this.#skipSpace();
    const root = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("the end of the file");
    if (this.#mistakes.length > 0) throw new MistakenText(this.#mistakes);
    return root;
  }

  #value(): ConfigNode {
    const start = this.#at;
    switch (this.#text[start]) {
      case "{":
        return this.#nested(() => this.#object(start));
      case "[":
        return this.#nested(() => this.#list(start));
      case '"':
        return this.#scalar(start, this.#string());
    }
    const number = this.#take(NUMBER);
    if (number !== undefined) {
      if (/[\w.]/.test(this.#text[this.#at] ?? "")) this.#failAt(start, "a number as JSON writes it");
      return this.#scalar(start, Number(number));
    }
    const word = this.#take(WORD);
    if (WORDS.has(word)) return this.#scalar(start, WORDS.get(word));
    return this.#failAt(start, "a value");
  }

  #nested<T>(read: () => T): T {
    if (this.#level >= MOST_LEVELS) this.#fail(`at most ${MOST_LEVELS} objects and lists in each other`);
    this.#level += 1;
    const value = read();
    this.#level -= 1;
    return value;
  }

  #object(start: number): ConfigNode {
    const fields = new Map<string, Field>();
    this.#entries("}", "a comma or }", () => {
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') this.#fail("a key in double quotes");
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") this.#fail("a colon");
      this.#at += 1;
      this.#skipSpace();
      const node = this.#value();
      if (fields.has(key)) {
        const message = `found the key ${JSON.stringify(key)} again, expected each key once`;
        this.#mistakes.push({ offset: keyStart, message });
      }
      fields.set(key, { keyStart, node });
    });
    return { kind: "object", start, end: this.#at, fields };
  }

  #list(start: number): ConfigNode {
    const items: ConfigNode[] = [];
    this.#entries("]", "a comma or ]", () => items.push(this.#value()));
    return { kind: "list", start, end: this.#at, items };
  }

  /** What stands between brackets, from the opening to the closing one. */
  #entries(closing: string, expected: string, entry: () => void): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === closing) {
      this.#at += 1;
      return;
    }
    for (;;) {
      entry();
      this.#skipSpace();
      if (this.#text[this.#at] === closing) break;
      if (this.#text[this.#at] !== ",") this.#fail(expected);
      const comma = this.#at;
      this.#at += 1;
      this.#skipSpace();
      if (this.#text[this.#at] === closing) {
        this.#mistakes.push({
          offset: comma,
          message: `found a comma before ${closing}, expected none after the last entry`,
        });
        break;
      }
    }
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    const quoted = this.#take(STRING);
    if (quoted !== undefined) return JSON.parse(quoted) as string;
    this.#take(STRING_BEGINNING);
    if (this.#text[this.#at] === "\\") {
      const found = this.#text.slice(this.#at, this.#at + 2);
      this.#failAt(this.#at, 'an escape that JSON has, such as \\n, \\" or \\u00e9', JSON.stringify(found));
    }
    const isOpen = this.#at >= this.#text.length || /[\r\n]/.test(this.#text[this.#at] as string);
    if (isOpen) this.#fail(`a quote that ends the string from column ${this.#column(start)}`);
    return this.#fail("the escape of this character");
  }

  #scalar(start: number, value: unknown): ScalarNode {
    return { kind: "scalar", start, end: this.#at, value, isTextFirst: false };
  }

  #skipSpace(): void {
    for (;;) {
      this.#take(SPACE);
      const offset = this.#at;
      if (this.#take(COMMENT) === undefined) return;
      this.#mistakes.push({ offset, message: "found a comment, expected none: JSON has no comments" });
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken !== undefined) this.#at = pattern.lastIndex;
    return taken;
  }

  #column(offset: number): number {
    return offset - this.#text.lastIndexOf("\n", offset - 1);
  }

  #fail(expected: string): never {
    return this.#failAt(this.#at, expected);
  }

  #failAt(offset: number, expected: string, found = foundAt(this.#text, offset)): never {
    throw new MistakenText([...this.#mistakes, { offset, message: `found ${found}, expected ${expected}` }]);
  }
}
