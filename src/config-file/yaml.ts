import type { Alias, Document, Node, Pair, Scalar } from "yaml";
import { type ConfigNode, type Field, type Mistake, MistakenText, type ParsedText } from "./node.ts";
import { yamlMistakes } from "./yaml-mistakes.ts";

/**
 * Reads YAML 1.2 by its core schema: anchors, aliases and merge keys, but one document, each key once, keys that are
 * strings, and no tags but those of the core schema. The parser goes on after a mistake.
 *
 * @throws MistakenText
 */
export async function parseYaml(text: string): Promise<ParsedText> {
  const yaml = await import("yaml");
  const parse = (source: string) =>
    yaml.parseDocument(source, {
      version: "1.2",
      schema: "core",
      merge: true,
      resolveKnownTags: false,
      stringKeys: true,
      uniqueKeys: true,
      // Each sentence is said in our own words, with its own place.
      prettyErrors: false,
    }) as Document;
  const document = parse(text);
  const found = [...document.errors, ...document.warnings];
  const reader = new TreeReader(yaml);
  // Beside what was wrong with the text, aliases of nothing are mistakes too; but only a whole tree shows them.
  const root = found.length === 0 ? reader.node(document.contents, 0) : undefined;
  const mistakes = [...yamlMistakes(text, found), ...reader.mistakes];
  if (root === undefined || mistakes.length > 0) throw new MistakenText(mistakes);
  return { root, typed: (value) => plainScalar(value, parse) };
}

/** The text as YAML reads it where it stands without quotes. Not null: a variable that is empty is an empty string. */
function plainScalar(text: string, parse: (source: string) => Document): unknown {
  if (!/^[\w.+-]{1,40}$/.test(text)) return text;
  const value: unknown = parse(text).toJS();
  return typeof value === "number" || typeof value === "boolean" ? value : text;
}

/** From where, to where, and to where with what follows. */
type Extents = readonly [number, number, number];

type Kinds = Pick<typeof import("yaml"), "isAlias" | "isMap" | "isSeq">;

/** Makes the tree, with what aliases and merge keys refer to in their places. */
class TreeReader {
  readonly mistakes: Mistake[] = [];
  readonly #kinds: Kinds;
  /** What each anchor names so far; undefined within the value that it names. */
  readonly #anchors = new Map<string, ConfigNode | undefined>();

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
  }

  /** @param at Where an empty value stands. */
  node(node: Node | null, at: number): ConfigNode {
    if (node === null) return { kind: "scalar", start: at, end: at, value: null, isTextFirst: false };
    if (this.#kinds.isAlias(node)) return this.#alias(node);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const made = this.#own(node);
    if (anchor !== undefined) this.#anchors.set(anchor, made);
    return made;
  }

  #own(node: Exclude<Node, Alias>): ConfigNode {
    const [start, end] = node.range as Extents;
    const { isMap, isSeq } = this.#kinds;
    if (isMap<Scalar, Node | null>(node))
      return { kind: "object", start, end, fields: this.#fields(node.items) };
    if (isSeq<Node>(node)) {
      return { kind: "list", start, end, items: node.items.map((item) => this.node(item, start)) };
    }
    const { value, type } = node as Scalar;
    return { kind: "scalar", start, end, value, isTextFirst: type !== "PLAIN" };
  }

  #fields(pairs: readonly Pair<Scalar, Node | null>[]): Map<string, Field> {
    const fields = new Map<string, Field>();
    const merged: Field[] = [];
    for (const { key, value } of pairs) {
      const [keyStart, keyEnd] = key.range as Extents;
      const { value: name, type } = key;
      const node = this.node(value, keyEnd);
      if (name === "<<" && type === "PLAIN") merged.push(...this.#sources({ keyStart, node }));
      else fields.set(String(name), { keyStart, node });
    }
    // What stands in the object itself counts more than what is merged into it, wherever it stands.
    for (const { node } of merged) {
      if (node.kind !== "object") continue;
      for (const [name, field] of node.fields) if (!fields.has(name)) fields.set(name, field);
    }
    return fields;
  }

  /** The objects that a merge key names, those that count more first. */
  #sources({ keyStart, node }: Field): Field[] {
    const sources = node.kind === "list" ? node.items : [node];
    if (sources.some(({ kind }) => kind !== "object")) {
      const message =
        "found a merge key with another value, expected an object or a list of objects after <<";
      this.mistakes.push({ offset: keyStart, message });
    }
    return sources.map((source) => ({ keyStart, node: source }));
  }

  /** What the alias names, standing where the alias does; keys and values in it stand where they are written. */
  #alias({ source, range }: Alias): ConfigNode {
    const [start, end] = range as Extents;
    const named = this.#anchors.get(source);
    if (named !== undefined) return { ...named, start, end };
    const expected = this.#anchors.has(source)
      ? "an alias that is not within what it stands for"
      : `an anchor &${source} above it`;
    this.mistakes.push({ offset: start, message: `found the alias *${source}, expected ${expected}` });
    return { kind: "scalar", start, end, value: null, isTextFirst: false };
  }
}
