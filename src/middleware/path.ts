import { changedRequest } from "../proxy/changed-request.ts";

/**
 * The path in a request's URL, for middlewares that change it. The query stays byte for byte, and so does whatever of
 * the path does not have to change: escaped slashes above all, which are no separators (RFC 3986 §2.2).
 */

/** A URL in its parts, each as it stood there. */
export interface UrlParts {
  /** Scheme and authority; "" if the client named no host. */
  readonly origin: string;
  /** Begins with a slash. Has no dot segments (RFC 3986 §5.2.4). */
  readonly path: string;
  /** With its `?`; "" if there is none. */
  readonly query: string;
}

/** A segment `.` or `..` by any spelling. To those who resolve URLs a backslash is a slash too. */
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)/i;

/**
 * Takes a request's URL apart. Dot segments that a server has left in are resolved: routes go by the path without
 * them, and what is put before or taken off a path must not be undone by them.
 */
export function urlParts(url: string): UrlParts {
  const fragment = url.indexOf("#");
  const end = fragment < 0 ? url.length : fragment;
  const mark = url.indexOf("?");
  const pathEnd = mark < 0 || mark > end ? end : mark;
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const slash = scheme < 0 ? 0 : url.indexOf("/", scheme + 3);
  const start = slash < 0 || slash > pathEnd ? pathEnd : slash;
  const path = url.slice(start, pathEnd);
  return {
    origin: url.slice(0, start),
    path: hasDotSegment(path) ? new URL(`http://h${path}`).pathname : path || "/",
    query: url.slice(pathEnd, end),
  };
}

/** Whether a path has a segment that means another place than itself. */
export function hasDotSegment(path: string): boolean {
  return DOT_SEGMENT.test(path);
}

/** The same request, at another path. */
export function withPath(request: Request, { origin, query }: UrlParts, path: string): Request {
  return changedRequest(request, { url: `${origin}${path}${query}` });
}

/**
 * Where a prefix ends in a path: at the path's end, or at a slash.
 *
 * Escapes of characters that need none are the same as these (RFC 3986 §6.2.2); an escaped slash is not a slash.
 *
 * @param prefix Begins with a slash, and does not end in one.
 * @returns -1 if the path does not begin with it.
 */
export function prefixEnd(path: string, prefix: string): number {
  let at = 0;
  if (path.startsWith(prefix)) at = prefix.length;
  else {
    // Without an escape there is no other spelling.
    if (!path.includes("%")) return -1;
    for (let index = 0; index < prefix.length; ) {
      const wanted = tokenAt(prefix, index);
      const found = tokenAt(path, at);
      if (wanted.text !== found.text) return -1;
      index += wanted.length;
      at += found.length;
    }
  }
  return at === path.length || path[at] === "/" ? at : -1;
}

/** One character of a path, or one escape in the only spelling that counts, and how many characters that was. */
function tokenAt(path: string, at: number): { readonly text: string; readonly length: number } {
  const escaped = path[at] === "%" ? /^%[0-9a-f]{2}/i.exec(path.slice(at, at + 3))?.[0] : undefined;
  if (escaped === undefined) return { text: path[at] ?? "", length: 1 };
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  // RFC 3986 §2.3.
  const text = /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
  return { text, length: 3 };
}

/**
 * Escapes what may not stand in a path or a query as it is: all but visible ASCII without `#`.
 *
 * @param text A character for each byte, as servers give what they got.
 */
export function escaped(text: string): string {
  return text.replace(/[^\x21\x22\x24-\x7e]/g, (character) => percent(character.charCodeAt(0)));
}

/** Escapes what is not ASCII in a text of a config, as UTF-8 (RFC 3987 §3.1). */
export function asciiOnly(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    return Array.from(new TextEncoder().encode(character), percent).join("");
  });
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
