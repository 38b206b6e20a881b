import { entriesOf, isOptional, type Node } from "./schema-node.ts";

/** Who is told of the names in a type. */
interface Mentions {
  /** A schema's. @returns How it is written. */
  named(name: string): string;
  /** One from elsewhere. @param from Its file, from src. */
  imported(from: string, name: string): void;
}

const NOBODY: Mentions = { named: (name) => name, imported: () => {} };

/**
 * A schema as a type of TypeScript.
 *
 * @param isDeclared Whether its own name is not enough, since it is what the name is declared to be. Default false.
 */
export function typeText(schema: Node, mentions: Mentions, isDeclared = false): string {
  const typeIn = (inner: unknown) => typeText(inner as Node, mentions);
  if (schema.typeText !== undefined) {
    for (const [from, names] of Object.entries(schema.typeText.imports ?? {})) {
      for (const name of names) mentions.imported(from, name);
    }
    return schema.typeText.type;
  }
  if (schema.name !== undefined && !isDeclared) return mentions.named(schema.name);
  switch (schema.type) {
    case "optional":
      return typeIn(schema.wrapped);
    case "literal":
      return JSON.stringify(schema.literal);
    case "picklist":
      return (schema.options as unknown[]).map((word) => JSON.stringify(word)).join(" | ");
    case "union":
      return union((schema.options as unknown[]).map(typeIn));
    case "array":
      return `readonly ${bracketed(typeIn(schema.item))}[]`;
    case "record":
      return `Readonly<Record<string, ${typeIn(schema.value)}>>`;
    case "strict_object": {
      const members = Object.entries(entriesOf(schema) ?? {}).map(
        ([key, entry]) => `readonly ${key}${isOptional(entry) ? "?" : ""}: ${typeIn(entry)}`,
      );
      return `{ ${members.join("; ")} }`;
    }
    case "instance":
      return (schema.class as { name: string }).name;
    case "boolean":
    case "number":
    case "string":
      return schema.type;
    default:
      throw new Error(`say by \`typed\` what a ${schema.type} is in TypeScript`);
  }
}

/** The same as people say it. */
export function plainType(schema: Node, isDeclared = false): string {
  return typeText(schema, NOBODY, isDeclared).replaceAll(/readonly |Readonly<(?=Record)|(?<=>)>/g, "");
}

/** `false` last, as people write it. */
function union(options: readonly string[]): string {
  const all = new Set(options);
  const types = [...all].filter((type) => type !== "false" && !(all.has("number") && /^\d+$/.test(type)));
  return [...types, ...(all.has("false") ? ["false"] : [])].join(" | ");
}

function bracketed(type: string): string {
  return / \| |=>/.test(type) ? `(${type})` : type;
}
