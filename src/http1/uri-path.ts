import { HEX, SLASH } from "./characters.ts";

/**
 * Paths and queries as they are compared: two that mean the same are the same text (RFC 3986 §6.2.2).
 *
 * A path is read here as the URL parser of a `Request` reads it (WHATWG URL, path state), so that a request has one
 * path whether it is bytes or a `Request`: a backslash is a slash, `%2e` is a dot, and what no URI may have stands
 * escaped. All else that is written differently stays different: `%2F` is no slash, and `//` is not `/`.
 */

/** A 1 for each byte that stands for itself in a path: what `pchar` allows unescaped (RFC 3986 §3.3), and the slash. */
const PLAIN = tableOf(/[A-Za-z0-9\-._~!$&'()*+,;=:@/]/);

/** A 1 for each byte that means the same escaped or not (RFC 3986 §2.3). */
const UNRESERVED = tableOf(/[A-Za-z0-9\-._~]/);

/** A 1 for each byte that a URL has unescaped in its query (WHATWG URL, special-query percent-encode set). */
const QUERY = tableOf(/[!$-&(-;=?-~]/);

/** Whether a byte may stand as it is in a path for comparison, if it is no dot that begins a segment. */
export function isPlain(byte: number): boolean {
  return PLAIN[byte] === 1;
}

/**
 * The path of a target, for comparison: dot segments removed, escapes of unreserved characters decoded, the digits of
 * others in upper case. It is for looking at only; what is sent on stays as it came.
 *
 * @param path Without a query; one character a byte. What does not begin with a slash, as `*`, stays as it is.
 * @returns The same string if there is nothing to change. Read again, it is what it was.
 */
export function comparablePath(path: string): string {
  if (path.charCodeAt(0) !== SLASH) return path;
  let before = SLASH;
  for (let index = 1; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (PLAIN[code] !== 1 || (code === DOT && before === SLASH)) return withoutDots(rewritten(path));
    before = code;
  }
  return path;
}

/** The query of a target, for comparison: what no URL has unescaped stands escaped, all else as it is. */
export function comparableQuery(query: string): string {
  for (let index = 0; index < query.length; index++) {
    if (QUERY[query.charCodeAt(index)] !== 1) return escapedUnless(QUERY, query);
  }
  return query;
}

/** A text with the bytes above ASCII escaped, one character a byte: what a URL parser would take for UTF-16. */
export function asciiTarget(target: string): string {
  for (let index = 0; index < target.length; index++) {
    if (target.charCodeAt(index) > 0x7f) return target.replace(ABOVE_ASCII, escaped);
  }
  return target;
}

function rewritten(path: string): string {
  let out = "";
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    const byte = code === PERCENT ? escapedByte(path, index) : code;
    if (code === BACKSLASH) out += "/";
    else if (code !== PERCENT) out += PLAIN[code] === 1 ? path[index] : escaped(path[index] as string);
    else if (byte < 0)
      out += "%25"; // A percent sign that begins no escape; left alone it could become the beginning of one.
    else {
      out += UNRESERVED[byte] === 1 ? String.fromCharCode(byte) : escaped(String.fromCharCode(byte));
      index += 2;
    }
  }
  return out;
}

/** The byte that an escape stands for; -1 if it is none. */
function escapedByte(text: string, at: number): number {
  const high = HEX[text.charCodeAt(at + 1)] ?? NO_DIGIT;
  const low = HEX[text.charCodeAt(at + 2)] ?? NO_DIGIT;
  return high === NO_DIGIT || low === NO_DIGIT ? -1 : high * 16 + low;
}

/** RFC 3986 §5.2.4. What would lead above the root leads to it. */
function withoutDots(path: string): string {
  if (!path.includes("/.")) return path;
  const kept: string[] = [];
  const segments = path.split("/");
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === "." || segment === "..";
    if (!isDots) kept.push(segment);
    // The first is what stands before the leading slash.
    else if (segment === ".." && kept.length > 1) kept.pop();
    if (isDots && index === segments.length - 1) kept.push("");
  }
  return kept.join("/");
}

function escapedUnless(table: Uint8Array, text: string): string {
  let out = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    out += table[text.charCodeAt(index)] === 1 ? character : escaped(character);
  }
  return out;
}

/** A byte as it stands escaped: with capital digits (RFC 3986 §6.2.2.1). */
function escaped(character: string): string {
  const digits = character.charCodeAt(0).toString(16).toUpperCase();
  return `%${digits.padStart(2, "0")}`;
}

function tableOf(members: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (members.test(String.fromCharCode(byte)) ? 1 : 0));
}

const ABOVE_ASCII = /[\x80-\xff]/g;
const DOT = 0x2e;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const NO_DIGIT = 255;
