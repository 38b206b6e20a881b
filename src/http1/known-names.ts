import type { HeadParser } from "./head-parser.ts";

/**
 * The names that most fields of most answers have. To find one of these costs less than to make a string of
 * the bytes, and spares `Headers` to look at its letters.
 */
const KNOWN = [
  "accept-ranges",
  "access-control-allow-origin",
  "age",
  "alt-svc",
  "cache-control",
  "connection",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-security-policy",
  "content-type",
  "cross-origin-resource-policy",
  "date",
  "etag",
  "expires",
  "keep-alive",
  "last-modified",
  "link",
  "location",
  "pragma",
  "referrer-policy",
  "server",
  "set-cookie",
  "strict-transport-security",
  "transfer-encoding",
  "vary",
  "via",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-request-id",
] as const;

/** By length: few share one. */
const BY_LENGTH = byLength(KNOWN);

/** A field's name: in lower case if it is a common one, else as it was written. */
export function fieldName(head: HeadParser, field: number): string {
  const candidates = BY_LENGTH[head.nameLength(field)];
  if (candidates !== undefined) {
    for (const name of candidates) if (head.isNamed(field, name)) return name;
  }
  return head.name(field);
}

function byLength(names: readonly string[]): readonly (readonly string[] | undefined)[] {
  const table: string[][] = [];
  for (const name of names) {
    table[name.length] ??= [];
    table[name.length]?.push(name);
  }
  return table;
}
