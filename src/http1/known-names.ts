import { FieldTable, UNLISTED } from "./field-table.ts";
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
  "proxy-connection",
  "referrer-policy",
  "server",
  "set-cookie",
  "strict-transport-security",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "via",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-request-id",
] as const;

/** Each by its place in `KNOWN`, counted from 1. */
const PLACES = new FieldTable(Object.fromEntries(KNOWN.map((name, index) => [name, index + 1])));

/** A field's name: in lower case if it is a common one, else as it was written. */
export function fieldName(head: HeadParser, field: number): string {
  const place = PLACES.find(head, field);
  return place === UNLISTED ? head.name(field) : (KNOWN[place - 1] as string);
}
