import { FieldTable } from "../http1/field-table.ts";
import { NO_FIELD } from "../http1/request-head.ts";
import type { HeadBuffer } from "./head-buffer.ts";
import type { RequestReader } from "./request-reader.ts";

const FIELDS = new FieldTable({ upgrade: 1 });
const UPGRADE = 1;

/**
 * The names of HTTP, whatever follows them. A backend that took one would be sent requests that nothing here can
 * see; RFC 9113 §3.1 has done away with the only such offer that there was, of HTTP/2 in clear text.
 */
const HTTP = /(?:^|[,\s])(?:h2c?|http)(?=[\s,/]|$)/i;

/**
 * Whether a request offers to switch protocols (RFC 9110 §7.8) and may pass on as such an offer: one of anything
 * but HTTP, and without a body, which would have to end before the other protocol begins.
 */
export function mayUpgrade({ body, fields, head }: RequestReader): boolean {
  if (head.upgrade === NO_FIELD || !head.connectionOptions.isUpgrade || !body.isDone) return false;
  let hasProtocol = false;
  for (let field = head.upgrade; field < fields.fieldCount; field++) {
    if (FIELDS.find(fields, field) !== UPGRADE) continue;
    const protocols = fields.value(field);
    if (HTTP.test(protocols)) return false;
    hasProtocol ||= protocols !== "";
  }
  return hasProtocol;
}

/** Writes the fields of such an offer as they came. */
export function copyOffer(buffer: HeadBuffer, { fields, head }: RequestReader): void {
  for (let field = head.upgrade; field < fields.fieldCount; field++) {
    if (FIELDS.find(fields, field) !== UPGRADE) continue;
    buffer.copy(fields.bytes, fields.lineStart(field), fields.lineEnd(field));
  }
}
