import { FieldTable } from "../http1/field-table.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { HOP_BY_HOP, namedByConnection } from "../http1/hop-by-hop.ts";
import { latin1Bytes } from "../http1/latin1.ts";
import { continued } from "../http1/list-field.ts";
import { httpDate } from "../system.ts";
import type { ResponseReader } from "../transport/http1/response-reader.ts";
import type { HeadBuffer } from "./head-buffer.ts";

/** How an answer's body is framed for the client (RFC 9112 §6). */
export const Framing = {
  /** As the backend framed it. */
  same: 0,
  /** Anew, in chunks: the backend's ends with its connection, and the client's connection is to go on. */
  chunks: 1,
  /** By the end of the connection: the client knows no chunks. */
  close: 2,
  /** Not at all: the connection is another protocol's from here on. */
  none: 3,
} as const;

/** One of the numbers in the table of the same name. */
export type Framing = (typeof Framing)[keyof typeof Framing];

/** What of the client decides how an answer's head is written. */
export interface AnswerTo {
  /** Whether it speaks HTTP/1.0. */
  readonly isOld: boolean;
  /** Whether its connection takes another request after this one. */
  readonly isKept: boolean;
  /** The value of a `Set-Cookie` that is added. Undefined for none. */
  readonly setCookie: string | undefined;
}

const DROPPED = 1;
const CONNECTION = 2;
const TRANSFER_ENCODING = 3;
const TRAILER = 4;
const UPGRADE = 5;
const DATE = 6;
const CONTENT_LENGTH = 7;

const FIELDS = new FieldTable({
  ...Object.fromEntries(HOP_BY_HOP.map((name) => [name, DROPPED])),
  connection: CONNECTION,
  "transfer-encoding": TRANSFER_ENCODING,
  trailer: TRAILER,
  upgrade: UPGRADE,
  date: DATE,
  "content-length": CONTENT_LENGTH,
});

const VERSION = latin1Bytes("HTTP/1.1");
const CHUNKED = latin1Bytes("Transfer-Encoding: chunked\r\n");
const CLOSE = latin1Bytes("Connection: close\r\n");
const KEEP_ALIVE = latin1Bytes("Connection: keep-alive\r\n");
const UPGRADES = latin1Bytes("Connection: Upgrade\r\n");
const UPGRADES_AND_CLOSES = latin1Bytes("Connection: Upgrade, close\r\n");
const CRLF = latin1Bytes("\r\n");

/**
 * Writes the head of an answer as the client gets it: every byte as it came, but for the fields about one hop,
 * and the `Date` that has to be there (RFC 9110 §6.6.1).
 */
export function writeAnswerHead(
  buffer: HeadBuffer,
  reader: ResponseReader,
  framing: Framing,
  to: AnswerTo,
): void {
  const { head, line } = reader;
  const { status } = line;
  buffer.reset();
  if (line.minorVersion !== 1) buffer.add(VERSION);
  const from = head.start + buffer.length;
  const start = buffer.length;
  let seen = copyFields(buffer, head, from, NONE, status, framing, to);
  if ((seen & NAMES_MORE) !== 0) {
    buffer.length = start;
    seen = copyFields(buffer, head, from, namedBy(head), status, framing, to);
  }
  if ((seen & HAS_DATE) === 0 && status >= 200) buffer.text(`Date: ${httpDate()}\r\n`);
  if (to.setCookie !== undefined && status >= 200) buffer.text(`Set-Cookie: ${to.setCookie}\r\n`);
  if (framing === Framing.chunks) buffer.add(CHUNKED);
  if (status === 101) buffer.add(UPGRADES);
  else if ((seen & HAS_UPGRADE) !== 0) buffer.add(to.isKept ? UPGRADES : UPGRADES_AND_CLOSES);
  else if (status >= 200 && !to.isKept) buffer.add(CLOSE);
  else if (status >= 200 && to.isOld) buffer.add(KEEP_ALIVE);
  buffer.add(CRLF);
}

const NONE: readonly string[] = [];
/** What `copyFields` saw. */
const HAS_DATE = 1;
const NAMES_MORE = 2;
const HAS_UPGRADE = 4;

/** Copies what passes of a head in as few pieces as there are, from `from` on. Returns what it saw. */
function copyFields(
  buffer: HeadBuffer,
  head: HeadParser,
  from: number,
  named: readonly string[],
  status: number,
  framing: Framing,
  to: AnswerTo,
): number {
  const { bytes, fieldCount } = head;
  let copied = from;
  let seen = 0;
  for (let field = 0; field < fieldCount; field++) {
    const kind = FIELDS.find(head, field);
    if (kind === CONNECTION) {
      if (!isUsual(head, field)) seen |= NAMES_MORE;
    } else if (kind === 0 || passes(kind, status, framing, to)) {
      if (named.length === 0 || !named.includes(head.name(field).toLowerCase())) {
        if (kind === DATE) seen |= HAS_DATE;
        else if (kind === UPGRADE) seen |= HAS_UPGRADE;
        continue;
      }
    }
    buffer.copy(bytes, copied, head.lineStart(field));
    copied = head.lineEnd(field);
  }
  buffer.copy(bytes, copied, head.end - CRLF.length);
  return seen;
}

/** Whether a `Connection` says no more than nearly all do. */
function isUsual(head: HeadParser, field: number): boolean {
  const length = head.valueEnd(field) - head.valueStart(field);
  if (length !== 10 && length !== 5) return false;
  const value = head.value(field).toLowerCase();
  return value === "keep-alive" || value === "close";
}

function namedBy(head: HeadParser): readonly string[] {
  let connection: string | null = null;
  for (let field = 0; field < head.fieldCount; field++) {
    if (FIELDS.find(head, field) === CONNECTION) connection = continued(connection, head.value(field));
  }
  return namedByConnection(connection);
}

function passes(kind: number, status: number, framing: Framing, to: AnswerTo): boolean {
  switch (kind) {
    case DATE:
      return true;
    case UPGRADE:
      // RFC 9110 §15.5.22: 426 has to say what it wants.
      return status === 101 || (status === 426 && !to.isOld);
    case CONTENT_LENGTH:
      // RFC 9110 §8.6: these have none.
      return status >= 200 && status !== 204;
    case TRANSFER_ENCODING:
      return framing === Framing.same && status >= 200 && status !== 204 && !to.isOld;
    case TRAILER:
      return framing === Framing.same && !to.isOld;
    default:
      return false;
  }
}
