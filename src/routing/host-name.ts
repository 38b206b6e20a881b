import { COLON, isDigit } from "../http1/characters.ts";

/**
 * The host of an authority, `host[:port]`, as hosts are compared: in lower case (RFC 3986 §3.2.2), and without the dot
 * that says that a name is whole (RFC 1034 §3.1), or a client could pass by a host's routes with it.
 */
export function hostName(authority: string): string {
  let end = authority.length;
  let digits = end;
  while (digits > 0 && isDigit(authority.charCodeAt(digits - 1))) digits--;
  if (digits > 0 && authority.charCodeAt(digits - 1) === COLON) end = digits - 1;
  if (end > 0 && authority.charCodeAt(end - 1) === DOT) end--;
  return authority.slice(0, end).toLowerCase();
}

const DOT = 0x2e;
