/**
 * The value of a cookie, from what a `Cookie` field says: `SID=31d4d96e; lang=en-US` (RFC 6265 §4.2.1).
 *
 * Strict where a loose reader and the application could take different things for the cookie: a name is one only at
 * the beginning of a pair, and its case counts; the first pair of the name is the one; and a value with a
 * character that the grammar does not allow is none (§4.1.1).
 *
 * @param isWanted If given, the first pair of the name is passed over until one has such a value.
 * @returns As it stands there, quotes and all; empty if there is no such cookie.
 */
export function cookieValue(text: string, name: string, isWanted?: (value: string) => boolean): string {
  return cookieIn(text, name, isWanted) ?? "";
}

/** As `cookieValue`, but null if there is no such cookie: one may be there and empty. */
export function cookieIn(text: string, name: string, isWanted?: (value: string) => boolean): string | null {
  let start = 0;
  while (start < text.length) {
    const code = text.charCodeAt(start);
    if (code === SPACE || code === TAB) {
      start += 1;
      continue;
    }
    const semicolon = text.indexOf(";", start);
    const end = semicolon < 0 ? text.length : semicolon;
    if (text.startsWith(name, start) && text.charCodeAt(start + name.length) === EQUALS) {
      const value = checkedValue(text, start + name.length + 1, end);
      if (isWanted === undefined || isWanted(value ?? "")) return value;
    }
    start = end + 1;
  }
  return null;
}

/** Null if it is none. */
function checkedValue(text: string, start: number, end: number): string | null {
  const isQuoted = end - start >= 2 && text.charCodeAt(start) === QUOTE && text.charCodeAt(end - 1) === QUOTE;
  const inner = isQuoted ? 1 : 0;
  for (let index = start + inner; index < end - inner; index++) {
    if (!isCookieOctet(text.charCodeAt(index))) return null;
  }
  return text.slice(start, end);
}

/** Visible ASCII without quotes, commas, semicolons and backslashes. */
function isCookieOctet(code: number): boolean {
  return (
    code > SPACE &&
    code < 0x7f &&
    code !== QUOTE &&
    code !== COMMA &&
    code !== SEMICOLON &&
    code !== BACKSLASH
  );
}

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
