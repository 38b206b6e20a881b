/**
 * What a config file holds, with the place of each key and value: the same for every format. Offsets are in UTF-16
 * code units from the beginning of the text.
 */
export type ConfigNode = ObjectNode | ListNode | ScalarNode;

/** Keys and their values. */
export interface ObjectNode extends Extent {
  readonly kind: "object";
  readonly fields: Map<string, Field>;
}

/** Values in order. */
export interface ListNode extends Extent {
  readonly kind: "list";
  readonly items: ConfigNode[];
}

/** A value that holds no others. */
export interface ScalarNode extends Extent {
  readonly kind: "scalar";
  /** A string, number, boolean or null. */
  value: unknown;
  /** Set if it came from variables alone: the same text as the other type that it may be meant as. */
  otherValue?: unknown;
  /** Whether what came from variables is text first, and then what it looks like: in YAML's quotes. */
  readonly isTextFirst: boolean;
}

/** A key with its value. */
export interface Field {
  readonly keyStart: number;
  readonly node: ConfigNode;
}

/** From where to where in the text something stands. */
export interface Extent {
  readonly start: number;
  /** The offset after its last character. */
  readonly end: number;
}

/** A mistake at an offset of the text, as the sentence without its place. */
export interface Mistake {
  readonly offset: number;
  readonly message: string;
}

/** What a format's parser makes of a text. */
export interface ParsedText {
  readonly root: ConfigNode;
  /** Reads the text of a value that came from variables as the format would: a number, true or false, or else itself. */
  readonly typed: (text: string) => unknown;
}

/** A parser for one format. It throws `MistakenText` with every mistake that it finds. */
export type TextParser = (text: string) => Promise<ParsedText>;

/** A text that its format does not allow. */
export class MistakenText extends Error {
  override readonly name = "MistakenText";
  readonly mistakes: readonly Mistake[];

  /** @param mistakes At least one. */
  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ message }) => message).join("\n"));
    this.mistakes = mistakes;
  }
}

/**
 * What stands at an offset, as a mistake names it: a word, a character, or the end.
 *
 * @param text The whole text.
 */
export function foundAt(text: string, offset: number): string {
  if (offset >= text.length) return "the end of the file";
  const [line = ""] = /^\r?\n/.exec(text.slice(offset, offset + 2)) ?? [];
  if (line !== "") return "the end of the line";
  const word = /^[\w.+-]{1,40}/.exec(text.slice(offset, offset + 40))?.[0];
  const shown = word ?? String.fromCodePoint(text.codePointAt(offset) as number);
  return NAMES[shown] ?? JSON.stringify(shown);
}

/** Characters that would be hard to tell from the quotes that they are shown in. */
const NAMES: Readonly<Record<string, string>> = { '"': "a quote", "\\": "a backslash", "\t": "a tab" };
