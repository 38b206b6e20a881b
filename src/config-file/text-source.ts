import type { ConfigPath } from "../config/problem.ts";
import type { ConfigNode, Field, ScalarNode } from "./node.ts";
import { plainValue } from "./plain-value.ts";
import type { ConfigSource } from "./source.ts";
import type { TextPlaces } from "./text-place.ts";

/** A config that was read from a text, whose places are known. */
export function textSource(
  file: string,
  absoluteFile: string,
  root: ConfigNode,
  places: TextPlaces,
): ConfigSource {
  return {
    value: plainValue(root),
    file,
    files: [absoluteFile],
    where(path, of) {
      const { node, field } = nearest(root, path);
      return places.at(of === "key" && field !== undefined ? field.keyStart : node.start);
    },
    has: (path) => nearest(root, path).isThere,
    reread(paths) {
      const others = new Set<ScalarNode>();
      for (const path of paths) {
        const { node, isThere } = nearest(root, path);
        if (isThere && node.kind === "scalar" && node.otherValue !== undefined) others.add(node);
      }
      return others.size === 0 ? undefined : plainValue(root, (node) => others.has(node));
    },
  };
}

interface Nearest {
  readonly node: ConfigNode;
  /** The key that has it; undefined for the whole, and for what is in a list. */
  readonly field: Field | undefined;
  /** Whether it is what the path leads to, rather than a parent of it. */
  readonly isThere: boolean;
}

function nearest(root: ConfigNode, path: ConfigPath): Nearest {
  let node = root;
  let field: Field | undefined;
  for (const key of path) {
    if (node.kind === "object") {
      const next = node.fields.get(String(key));
      if (next === undefined) return { node, field, isThere: false };
      field = next;
      node = next.node;
    } else {
      const next = node.kind === "list" && typeof key === "number" ? node.items[key] : undefined;
      if (next === undefined) return { node, field, isThere: false };
      field = undefined;
      node = next;
    }
  }
  return { node, field, isThere: true };
}
