import { comparablePath } from "../http1/uri-path.ts";

/** One segment of a pattern: text as it must be, or anything but nothing, by a name. */
export type PathSegment = { readonly literal: string } | { readonly parameter: string };

/** Which paths a route is for. */
export interface PathPattern {
  /** As it was written. */
  readonly text: string;
  /** Those that a path begins with, or consists of; of `/` it is one that is empty. */
  readonly segments: readonly PathSegment[];
  /** Whether more segments may follow: the pattern ends in `/*`. */
  readonly isPrefix: boolean;
}

/**
 * Reads the pattern of a path.
 *
 * - `/a` is this path and no other, not `/a/` either.
 * - `/a/*` is `/a` and all that begins with `/a/`; `/*` is every path.
 * - `/users/:id/posts` has any text but none in place of `:id`; `/users/:id/*` too, with anything behind it.
 *
 * What is written is compared in the form in which paths are (`comparablePath`): `/caf%c3%a9` and `/café` are the same.
 *
 * @returns What it should be, in words, if it is none.
 */
export function readPathPattern(text: string): PathPattern | string {
  if (!text.startsWith("/")) return "a path that begins with /, such as /v1/*";
  if (/[?#]/.test(text)) return "a path without ? and #; what the query must be is said in match.query";
  const parts = comparablePath(inBytes(text)).slice(1).split("/");
  const isPrefix = parts.at(-1) === "*";
  if (isPrefix) parts.pop();
  const names = new Set<string>();
  const segments: PathSegment[] = [];
  for (const part of parts) {
    if (part.includes("*")) return "a * only behind the last /, as in /v1/*";
    if (part.startsWith(":")) {
      const name = part.slice(1);
      if (!/^[A-Za-z]\w*$/.test(name))
        return "a name of letters, digits and _ behind the colon, as in /users/:id";
      if (names.has(name)) return `a name for each parameter, but :${name} is there twice`;
      names.add(name);
      segments.push({ parameter: name });
    } else {
      segments.push({ literal: part });
    }
  }
  return { text, segments, isPrefix };
}

/** Whether a path is one that the pattern is for. Slower than a route table, which knows all patterns at once. */
export function matchesPath({ segments, isPrefix }: PathPattern, path: string): boolean {
  if (isPrefix && segments.length === 0) return true;
  if (!path.startsWith("/")) return false;
  const parts = path.slice(1).split("/");
  if (isPrefix ? parts.length < segments.length : parts.length !== segments.length) return false;
  return segments.every((segment, index) =>
    "literal" in segment ? parts[index] === segment.literal : parts[index] !== "",
  );
}

/** A character for each byte of the text as UTF-8, which is what escapes in URIs stand for (RFC 3986 §2.5). */
function inBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
