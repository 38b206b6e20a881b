import type { HeadParser } from "../../http1/head-parser.ts";
import { HOP_BY_HOP, namedByConnection } from "../../http1/hop-by-hop.ts";
import { fieldName } from "../../http1/known-names.ts";
import { continued } from "../../http1/list-field.ts";
import type { StatusLine } from "../../http1/start-line.ts";

const ENDING_HERE: ReadonlySet<string> = new Set(HOP_BY_HOP);

/** A head as `Response` takes it: every end-to-end field as it came, repeated ones apart. */
export function responseInit(head: HeadParser, line: StatusLine): ResponseInit {
  const headers = new Headers();
  let connection: string | null = null;
  for (let field = 0; field < head.fieldCount; field++) {
    const name = fieldName(head, field);
    if (name === "connection") connection = continued(connection, head.value(field));
    else if (!ENDING_HERE.has(name)) headers.append(name, head.value(field));
  }
  for (const name of namedByConnection(connection)) headers.delete(name);
  return { status: line.status, statusText: head.slice(line.reasonStart, line.reasonEnd), headers };
}
