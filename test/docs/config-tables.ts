/** The part of the reference on the config, made of its schemas. */
import type { Named } from "../../src/config/schema/keys.ts";
import { docOf, entriesOf, isOptional, type Node, shownDefault } from "./schema-node.ts";
import { table } from "./table.ts";
import { plainType } from "./type-text.ts";

const BEGIN = "<!-- config: written by `npm run docs` -->";
const END = "<!-- end of config -->";

/** The reference with the tables of these schemas in place of the ones it had, in their order. */
export function withConfigTables(reference: string, schemas: readonly Node[]): string {
  const begin = reference.indexOf(BEGIN);
  const end = reference.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/REFERENCE.md has lost the marks around its config");
  const sections = schemas.map((schema) => section(schema, schemas)).join("\n");
  return `${reference.slice(0, begin + BEGIN.length)}\n\n${sections}\n${reference.slice(end)}`;
}

function section(schema: Node, all: readonly Node[]): string {
  const { name, doc, base } = schema as Node & Named;
  const parent = all.find((candidate) => candidate.name === base);
  const inherited = Object.keys((parent && entriesOf(parent)) ?? {});
  const entries = Object.entries(entriesOf(schema) ?? {}).filter(([key]) => !inherited.includes(key));
  const also = parent === undefined ? "" : ` It has all keys of [${base}](#${anchorOf(parent)}), too.`;
  const head = `#### ${name}\n\n${doc}${also}\n`;
  if (schema.type === "union") {
    const options = (schema.options as readonly Node[]).map((option) => kindOf(option, all));
    return `${head}\nIt is ${options.join(" or ")}.\n`;
  }
  const rows = entries.map(([key, entry]) => [
    `\`${key}\``,
    docOf(entry),
    kindOf(entry, all),
    defaultOf(entry),
  ]);
  return `${head}\n${table(["Key", "Meaning", "Type", "Default"], rows)}`;
}

function defaultOf(entry: Node): string {
  return isOptional(entry) ? shownDefault(entry) : "needed";
}

/** What a value is: its type, with its range or the place of what it consists of. */
function kindOf(entry: Node, all: readonly Node[]): string {
  const links = all.filter(({ name = "" }) => new RegExp(`\\b${name}\\b`).test(plainType(entry)));
  const type = code(plainType(entry));
  const [link] = links;
  if (link === undefined)
    return [type, rangesOf(entry).join(" or ")].filter((text) => text !== "").join(", ");
  return `[${type}](#${anchorOf(link)})`;
}

/** With a fence that is not in it (CommonMark §6.1). */
function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function anchorOf({ name = "" }: Node): string {
  return name.toLowerCase();
}

/** The ranges of the numbers that it may be. */
function rangesOf(schema: Node): string[] {
  if (schema.wrapped !== undefined) return rangesOf(schema.wrapped as Node);
  if (schema.typeText !== undefined) return [];
  if (schema.type === "union") return (schema.options as readonly Node[]).flatMap(rangesOf);
  if (typeof schema.literal === "number") return [String(schema.literal)];
  if (schema.type === "array") return rangesOf(schema.item as Node);
  if (schema.type !== "number") return [];
  const limit = (kind: string) => limitsOf(schema).get(kind);
  const [least, above, most] = [limit("min_value"), limit("gt_value"), limit("max_value")];
  // What a timer takes, which is no limit of ours.
  if (most === undefined || most === LONGEST_TIMER_MS) return [`at least ${least}`];
  const upTo = most.toLocaleString("en");
  return [
    above === undefined ? `from ${least?.toLocaleString("en")} to ${upTo}` : `above ${above}, up to ${upTo}`,
  ];
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function limitsOf(schema: Node): Map<string, number> {
  const limits = new Map<string, number>();
  for (const item of schema.pipe ?? []) {
    if ("pipe" in item) {
      for (const [kind, value] of limitsOf(item as Node)) limits.set(kind, value);
    } else if ("requirement" in item && typeof item.requirement === "number")
      limits.set(item.type, item.requirement);
  }
  return limits;
}
