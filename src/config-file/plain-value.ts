import { type ConfigNode, type ListNode, MistakenText, type ObjectNode, type ScalarNode } from "./node.ts";

/** How many values a file may come to, each counted as often as an alias repeats it. */
export const MOST_VALUES = 250_000;

/** How deep objects and lists may lie in each other. */
export const MOST_LEVELS = 100;

/**
 * The value of a node, of plain objects, arrays and scalars. What YAML's aliases repeat is one object in several
 * places; nobody writes to it.
 *
 * @param isOther Which scalars from variables are to be what they otherwise may be meant as.
 */
export function plainValue(root: ConfigNode, isOther: (node: ScalarNode) => boolean = () => false): unknown {
  const values = new Map<ObjectNode["fields"] | ListNode["items"], unknown>();
  return plain(root);

  function plain(node: ConfigNode): unknown {
    if (node.kind === "scalar") return isOther(node) ? node.otherValue : node.value;
    const contents = node.kind === "object" ? node.fields : node.items;
    const known = values.get(contents);
    if (known !== undefined) return known;
    const value =
      node.kind === "list"
        ? node.items.map(plain)
        : // It makes `__proto__` a key like any other.
          Object.fromEntries([...node.fields].map(([key, field]) => [key, plain(field.node)]));
    values.set(contents, value);
    return value;
  }
}

/**
 * Holds a tree to its limits, so that a few lines of aliases cannot become a billion values for whoever walks them.
 *
 * @throws MistakenText where it comes to too much.
 */
export function checkLimits(root: ConfigNode): void {
  const sizes = new Map<ObjectNode["fields"] | ListNode["items"], number>();
  const depths = new Map<ObjectNode["fields"] | ListNode["items"], number>();
  measure(root, 0);

  /** How deep the node goes below itself. */
  function measure(node: ConfigNode, level: number): number {
    if (level > MOST_LEVELS) throw tooDeep(node);
    if (node.kind === "scalar") return 0;
    const contents = node.kind === "object" ? node.fields : node.items;
    const knownDepth = depths.get(contents);
    if (knownDepth !== undefined) {
      if (level + knownDepth > MOST_LEVELS) throw tooDeep(node);
      return knownDepth;
    }
    const children =
      node.kind === "object" ? [...node.fields.values()].map((field) => field.node) : node.items;
    let size = 1;
    let depth = 0;
    for (const child of children) {
      depth = Math.max(depth, measure(child, level + 1) + 1);
      size +=
        child.kind === "scalar" ? 1 : (sizes.get(child.kind === "object" ? child.fields : child.items) ?? 1);
      if (size > MOST_VALUES) throw tooMuch(node);
    }
    sizes.set(contents, size);
    depths.set(contents, depth);
    return depth;
  }
}

function tooDeep({ start }: ConfigNode): MistakenText {
  return new MistakenText([
    {
      offset: start,
      message: `found more than ${MOST_LEVELS} objects and lists in each other, expected fewer`,
    },
  ]);
}

function tooMuch({ start }: ConfigNode): MistakenText {
  return new MistakenText([
    { offset: start, message: `found more than ${MOST_VALUES} values, aliases counted in, expected fewer` },
  ]);
}
