/** The types of what a user writes into a config, made of its schemas, so that editors show each key's docstring. */
import type { Named } from "../../src/config/schema/keys.ts";
import { entriesOf, isOptional, keyTale, type Node } from "./schema-node.ts";
import { typeText } from "./type-text.ts";

/** Which of the types stand in one file, and the schema of each. */
export type TypeFiles = Readonly<Record<string, readonly Node[]>>;

const WIDTH = 110;

/** The text of every file, by its name. */
export function typeFiles(files: TypeFiles): Map<string, string> {
  const homes = new Map<string, string>();
  for (const [file, schemas] of Object.entries(files)) {
    for (const schema of schemas) homes.set(nameOf(schema), file);
  }
  return new Map(
    Object.entries(files).map(([file, schemas]) => [file, new TypeFile(file, homes, files).text(schemas)]),
  );
}

class TypeFile {
  readonly #file: string;
  readonly #homes: ReadonlyMap<string, string>;
  readonly #files: TypeFiles;
  readonly #imports = new Map<string, Set<string>>();

  constructor(file: string, homes: ReadonlyMap<string, string>, files: TypeFiles) {
    this.#file = file;
    this.#homes = homes;
    this.#files = files;
  }

  text(schemas: readonly Node[]): string {
    const declared = schemas.map((schema) => this.#declaration(schema)).join("\n");
    const imports = [...this.#imports]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([from, names]) => importLine(from, [...names].sort()));
    const head = "// Written by `npm run docs` from the schemas: change those.\n";
    return `${head}${imports.join("")}\n${declared}`;
  }

  #declaration(schema: Node): string {
    const { name, doc, base } = schema as Node & Named;
    const entries = entriesOf(schema);
    if (entries === undefined) {
      const line = `export type ${name} = ${this.#type(schema, true)};\n`;
      if (line.length <= WIDTH + 1 || schema.type !== "union") return `${comment(doc, "")}${line}`;
      const options = (schema.options as readonly Node[]).map((option) => `\n  | ${this.#type(option)}`);
      return `${comment(doc, "")}export type ${name} =${options.join("")};\n`;
    }
    const inherited = base === undefined ? [] : Object.keys(entriesOf(this.#named(base)) ?? {});
    const parent = base === undefined ? "" : ` extends ${this.#reference(base)}`;
    const keys = Object.entries(entries).filter(([key]) => !inherited.includes(key));
    const members = keys.map(([key, entry]) => {
      const mark = isOptional(entry) ? "?" : "";
      return `${comment(keyTale(entry), "  ")}${memberLine(`  readonly ${key}${mark}: ${this.#type(entry)};\n`)}`;
    });
    return `${comment(doc, "")}export interface ${name}${parent} {\n${members.join("")}}\n`;
  }

  #type(schema: Node, isDeclared = false): string {
    const mentions = {
      named: (name: string) => this.#reference(name),
      imported: (from: string, name: string) => this.#import(`../../${from}`, name),
    };
    return typeText(schema, mentions, isDeclared);
  }

  #reference(name: string): string {
    const home = this.#homes.get(name);
    if (home === undefined)
      throw new Error(`${name} stands in no file of types: give it a line in TYPE_FILES`);
    if (home !== this.#file) this.#import(`./${home}`, name);
    return name;
  }

  #import(from: string, name: string): void {
    this.#imports.set(from, (this.#imports.get(from) ?? new Set()).add(name));
  }

  #named(name: string): Node {
    const all = Object.values(this.#files).flat();
    const schema = all.find((candidate) => nameOf(candidate) === name);
    if (schema === undefined) throw new Error(`there is no schema named ${name}`);
    return schema;
  }
}

function nameOf({ name }: Node): string {
  if (name === undefined) throw new Error("a schema without a name can have no type of its own");
  return name;
}

function importLine(from: string, names: readonly string[]): string {
  const line = `import type { ${names.join(", ")} } from "${from}";\n`;
  if (line.length <= WIDTH + 1) return line;
  return `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "${from}";\n`;
}

/** A member with a type of many words that fit into no line has one of them in each. */
function memberLine(line: string): string {
  const [, before, words, after] = /^(.* \()(.*)(\)\[\];\n)$/s.exec(line) ?? [];
  if (line.length <= WIDTH + 1 || words === undefined) return line;
  return `${before}\n${words
    .split(" | ")
    .map((word) => `    | ${word}\n`)
    .join("")}  ${after}`;
}

/** A docstring, in one line if it fits. */
function comment(text: string, indent: string): string {
  if (indent.length + text.length + 7 <= WIDTH) return `${indent}/** ${text} */\n`;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + 3 + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return `${indent}/**\n${[...lines, line].map((each) => `${indent} * ${each}\n`).join("")}${indent} */\n`;
}
