import type { HeadParser } from "../../http1/head-parser.ts";
import { fieldName } from "../../http1/known-names.ts";
import type { StatusLine } from "../../http1/start-line.ts";

/**
 * A head as `Response` takes it: every field as it came, repeated ones apart, but for those that were about
 * this connection and have been acted on (RFC 9110 §7.6.1, RFC 9112 §7.1.3).
 */
export function responseInit(head: HeadParser, line: StatusLine): ResponseInit {
  const headers = new Headers();
  for (let field = 0; field < head.fieldCount; field++) {
    const name = fieldName(head, field);
    const value = head.value(field);
    if (!isActedOn(name, value)) headers.append(name, value);
  }
  return { status: line.status, statusText: head.slice(line.reasonStart, line.reasonEnd), headers };
}

function isActedOn(name: string, value: string): boolean {
  switch (name) {
    case "transfer-encoding":
    case "keep-alive":
      return true;
    case "connection":
      // One that names other fields is left for whoever removes those.
      return /^(?:close|keep-alive)$/i.test(value);
    default:
      return false;
  }
}
