import type { AST } from "toml-eslint-parser";
import {
  type ConfigNode,
  type Extent,
  type Field,
  MistakenText,
  type ObjectNode,
  type ParsedText,
} from "./node.ts";
import { tomlMistake } from "./toml-mistakes.ts";

/**
 * Reads TOML 1.0, and what 1.1 allows beside it. Dates and times are the text that they are written as. The parser
 * ends at the first mistake.
 *
 * @throws MistakenText
 */
export async function parseToml(text: string): Promise<ParsedText> {
  const { ParseError, parseTOML } = await import("toml-eslint-parser");
  const parse = (source: string) => parseTOML(source, { tomlVersion: "1.1" });
  try {
    const root: ObjectNode = { kind: "object", start: 0, end: text.length, fields: new Map() };
    for (const entry of parse(text).body[0].body) {
      if (entry.type === "TOMLTable") readTable(root, entry);
      else assign(root, entry);
    }
    return { root, typed: (value) => typed(value, parse) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new MistakenText([tomlMistake(text, error)]);
  }
}

function readTable(root: ObjectNode, entry: AST.TOMLTable): void {
  const [start, end] = entry.range;
  const extent = { start, end };
  const [holder, name, keyStart] = holderOf(root, entry.key, extent);
  const table: ObjectNode = { kind: "object", ...extent, fields: new Map() };
  const known = holder.fields.get(name);
  if (entry.kind === "array" && known?.node.kind === "list") known.node.items.push(table);
  else if (entry.kind === "array") {
    holder.fields.set(name, { keyStart, node: { kind: "list", ...extent, items: [table] } });
  } else if (known?.node.kind === "object") {
    // A table may follow those below it, which have already made it: `[a.b]`, then `[a]`.
    for (const [key, field] of known.node.fields) table.fields.set(key, field);
    holder.fields.set(name, { keyStart, node: table });
  } else holder.fields.set(name, { keyStart, node: table });
  for (const pair of entry.body) assign(table, pair);
}

function assign(table: ObjectNode, { key, value, range }: AST.TOMLKeyValue): void {
  const [holder, name, keyStart] = holderOf(table, key, { start: range[0], end: range[1] });
  holder.fields.set(name, { keyStart, node: nodeOf(value) });
}

/** The object that a dotted key's last part belongs to, made where it is not there yet; that part; and its offset. */
function holderOf(from: ObjectNode, key: AST.TOMLKey, extent: Extent): [ObjectNode, string, number] {
  let holder = from;
  for (const part of key.keys.slice(0, -1)) {
    const name = nameOf(part);
    const known: ConfigNode | undefined = holder.fields.get(name)?.node;
    // Of an array of tables it is the one above (TOML 1.0, "Array of Tables").
    const next: ConfigNode | undefined = known?.kind === "list" ? known.items.at(-1) : known;
    if (next?.kind === "object") holder = next;
    else {
      const made: ObjectNode = { kind: "object", ...extent, fields: new Map() };
      const field: Field = { keyStart: part.range[0], node: made };
      holder.fields.set(name, field);
      holder = made;
    }
  }
  const last = key.keys.at(-1) as AST.TOMLBare | AST.TOMLQuoted;
  return [holder, nameOf(last), last.range[0]];
}

function nameOf(part: AST.TOMLBare | AST.TOMLQuoted): string {
  return part.type === "TOMLBare" ? part.name : part.value;
}

function nodeOf(node: AST.TOMLContentNode): ConfigNode {
  const [start, end] = node.range;
  switch (node.type) {
    case "TOMLArray":
      return { kind: "list", start, end, items: node.elements.map(nodeOf) };
    case "TOMLInlineTable": {
      const table: ObjectNode = { kind: "object", start, end, fields: new Map() };
      for (const pair of node.body) assign(table, pair);
      return table;
    }
    case "TOMLValue": {
      const value = "datetime" in node ? node.datetime : node.value;
      return { kind: "scalar", start, end, value, isTextFirst: false };
    }
  }
}

function typed(text: string, parse: (source: string) => AST.TOMLProgram): unknown {
  if (!/^[\w.+-]{1,40}$/.test(text)) return text;
  try {
    const [entry] = parse(`value = ${text}`).body[0].body;
    const value =
      entry?.type === "TOMLKeyValue" && entry.value.type === "TOMLValue" ? entry.value.value : text;
    return typeof value === "number" || typeof value === "boolean" ? value : text;
  } catch {
    // What TOML does not read as a value is a string.
    return text;
  }
}
