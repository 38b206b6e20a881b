import type { Schema } from "../../src/config/schema/run.ts";
import type { TypeText } from "../../src/config/schema/values.ts";

/** What types and docs read of any schema. Which of these there are depends on its type. */
export interface Node extends Schema {
  readonly name?: string;
  readonly doc?: string;
  readonly class?: unknown;
  readonly typeText?: TypeText;
  readonly otherwise?: string;
  readonly default?: unknown;
  readonly literal?: unknown;
  readonly wrapped?: unknown;
  readonly options?: readonly unknown[];
  readonly item?: unknown;
  readonly value?: unknown;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly pipe?: readonly (Node | PipeItem)[];
}

/** What else stands in a pipe. */
interface PipeItem {
  readonly kind: string;
  readonly type: string;
  readonly description?: string;
  readonly requirement?: unknown;
}

/** The keys of an object; undefined if it is something else. */
export function entriesOf(schema: Node): Readonly<Record<string, Node>> | undefined {
  return schema.type === "strict_object" ? schema.entries : undefined;
}

/** Whether a key may be left out. */
export function isOptional({ type }: Node): boolean {
  return type === "optional";
}

/** What a key's docstring says, without its default. */
export function docOf(entry: Node): string {
  const schema = (isOptional(entry) ? entry.wrapped : entry) as Node;
  const described = schema.pipe?.find((item) => item.type === "description") as PipeItem | undefined;
  return described?.description ?? "";
}

/** The same with its default: what an editor shows. */
export function keyTale(entry: Node): string {
  const doc = docOf(entry);
  if (!isOptional(entry)) return doc;
  const shown = shownDefault(entry);
  return /^[\d`]/.test(shown) ? `${doc} Default ${shown}.` : `${doc} Default: ${shown}.`;
}

/** A default as it is written, or in words. */
export function shownDefault({ default: value, otherwise, wrapped }: Node): string {
  if (otherwise !== undefined) return otherwise;
  if (Array.isArray(value)) {
    return value.length === 0 ? "none" : `\`[${value.map((item) => JSON.stringify(item)).join(", ")}]\``;
  }
  if (typeof value === "number") return value < 10_000 ? String(value) : value.toLocaleString("en");
  if (typeof value === "string") return `\`"${value}"\``;
  if (isEmpty(value)) return (wrapped as Node).type === "record" ? "none" : "on, with its own defaults";
  return `\`${JSON.stringify(value)}\``;
}

/** Whether it is an object without a key: what is on, with the defaults of its own. */
export function isEmpty(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}
