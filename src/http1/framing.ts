import { COMMA, HTAB, isBlank } from "./characters.ts";
import { ConnectionOptions } from "./connection-options.ts";
import { FieldTable, UNLISTED } from "./field-table.ts";
import type { HeadParser } from "./head-parser.ts";
import { Malformed, MalformedKind } from "./malformed.ts";

/**
 * How long the body after a head is (RFC 9112 §6), and whether another message may follow on the connection
 * (§9). Where two readers could come to two answers there is none here: the message is malformed. That is what
 * keeps one side's body from being the other side's next message.
 */

/** A body's length in bytes, or one of the two below. */
export type BodyLength = number;

/** The body says itself where it ends: it is chunked (RFC 9112 §7.1). */
export const CHUNKED: BodyLength = -1;

/** The body ends with the connection (RFC 9112 §6.3, rule 8). */
export const UNTIL_CLOSE: BodyLength = -2;

/** No length was given so far: what to begin with before the fields are gone through. */
export const UNSAID: BodyLength = -3;

/** The fields that decide, by number. */
const FRAMING = new FieldTable({ "content-length": 1, "transfer-encoding": 2 });
const CONTENT_LENGTH = 1;

/**
 * The length of a response's body, by the rules of RFC 9112 §6.3.
 *
 * @param method The request's.
 * @throws Malformed if the head leaves room for two answers.
 */
export function responseBodyLength(
  head: HeadParser,
  status: number,
  minorVersion: number,
  method: string,
): BodyLength {
  let said = UNSAID;
  for (let field = 0; field < head.fieldCount; field++) {
    const number = FRAMING.find(head, field);
    if (number === UNLISTED) continue;
    if (number === CONTENT_LENGTH) said = withContentLength(said, head, field);
    else said = withTransferEncoding(said, head, field, minorVersion);
  }
  // Rule 1. Whatever length these give is that of another message.
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  return said === UNSAID ? UNTIL_CLOSE : said;
}

/**
 * Whether the head of a 204 speaks of a body, which none of them may (RFC 9110 §8.6, RFC 9112 §6.1): its sender may
 * well send one, and on a connection that is used again that would be the answer to the next request. A 304 or an
 * answer to HEAD may tell what length another one would have, and means nothing by it.
 */
export function announcesBody(head: HeadParser): boolean {
  for (let field = 0; field < head.fieldCount; field++) {
    const number = FRAMING.find(head, field);
    if (number !== UNLISTED) return number !== CONTENT_LENGTH || withContentLength(UNSAID, head, field) > 0;
  }
  return false;
}

/**
 * What a head says of the body's length, one field further.
 *
 * @param said What the fields before said.
 * @param field A `Content-Length`.
 * @throws Malformed if it is no length, or another was said before.
 */
export function withContentLength(said: BodyLength, head: HeadParser, field: number): BodyLength {
  if (said === CHUNKED) throw new Malformed(BOTH);
  // §6.3 rule 5 would allow the same length twice. It is a sign of two writers, so not here.
  if (said !== UNSAID) throw new Malformed("Content-Length is there twice");
  checkSpaces(head, field);
  const { bytes } = head;
  const start = head.valueStart(field);
  const end = head.valueEnd(field);
  let length = start === end ? Number.NaN : 0;
  for (let at = start; at < end; at++) length = withDigit(length, bytes[at] as number);
  return counted(length);
}

/**
 * What a head says of the body's length, one field further.
 *
 * @param said What the fields before said.
 * @param field A `Transfer-Encoding`.
 * @throws Malformed if it is not `chunked` alone, if a length was said before, or in HTTP/1.0.
 */
export function withTransferEncoding(
  said: BodyLength,
  head: HeadParser,
  field: number,
  minorVersion: number,
): BodyLength {
  // Another coding would have to be asked for with TE, which a proxy does not pass on (§7.4).
  if (said === CHUNKED) throw new Malformed("Transfer-Encoding is there twice");
  // §6.1: a message with both may be an attempt at smuggling; one of HTTP/1.0 is faulty at any rate.
  if (said !== UNSAID) throw new Malformed(BOTH);
  if (minorVersion === 0) throw new Malformed("HTTP/1.0 has a Transfer-Encoding");
  checkSpaces(head, field);
  checkChunked(head, field);
  return CHUNKED;
}

const BOTH = "Content-Length stands beside Transfer-Encoding";

/**
 * A tab around a value is white space as any other (RFC 9110 §5.5). But some readers take it for part of the
 * value, and then see no length where others see one.
 */
function checkSpaces(head: HeadParser, field: number): void {
  const { bytes } = head;
  const valueStart = head.valueStart(field);
  const lineEnd = head.lineEnd(field);
  for (let at = head.nameEnd(field); at < lineEnd; at++) {
    if (at === valueStart) at = head.valueEnd(field);
    if (bytes[at] === HTAB) throw new Malformed("a tab stands beside the body's length");
  }
}

/** Reads `Transfer-Encoding`. What does not end in `chunked` has no end that one could know (§6.3 rule 4). */
function checkChunked(head: HeadParser, field: number): void {
  const { bytes } = head;
  const start = head.valueStart(field);
  const end = head.valueEnd(field);
  const last = Math.max(start, end - CHUNKED_NAME.length);
  if (CODINGS.at(bytes, last, end) === UNLISTED) throw new Malformed("the transfer coding is not chunked");
  if (last === start) return;
  const before = bytes[last - 1] as number;
  if (before !== COMMA && !isBlank(before)) throw new Malformed("the transfer coding is not chunked");
  throw new Malformed("a transfer coding is unknown", MalformedKind.transferCoding);
}

const CHUNKED_NAME = "chunked";
const CODINGS = new FieldTable({ [CHUNKED_NAME]: 1 });

/**
 * Reads `Content-Length` (RFC 9110 §8.6): digits alone, no sign, no list.
 *
 * @throws Malformed for anything else, and for a number that cannot be counted exactly.
 */
export function contentLength(value: string): number {
  let length = value === "" ? Number.NaN : 0;
  for (let index = 0; index < value.length; index++) length = withDigit(length, value.charCodeAt(index));
  return counted(length);
}

function withDigit(length: number, character: number): number {
  const digit = character - 0x30;
  return digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN;
}

function counted(length: number): number {
  if (Number.isNaN(length)) throw new Malformed("the Content-Length is not one number");
  if (length <= Number.MAX_SAFE_INTEGER) return length;
  throw new Malformed("the Content-Length is too large", MalformedKind.bodyTooLarge);
}

/** What a head says of its connection's future. */
export interface Persistence {
  /** Whether the connection may be used again after this message (RFC 9112 §9.3). */
  readonly isKept: boolean;
  /** How long the other side will wait for another message, in milliseconds; -1 if it does not say. */
  readonly timeoutMs: number;
}

/** Of a connection on which no head came yet. */
export const UNSAID_PERSISTENCE: Persistence = { isKept: false, timeoutMs: -1 };

const KEPT: Persistence = { isKept: true, timeoutMs: -1 };
const CLOSED: Persistence = UNSAID_PERSISTENCE;

/** The fields that say something of the connection, by number. */
const PERSISTENCE = new FieldTable({ connection: 1, "keep-alive": 2 });
const CONNECTION = 1;
/** One is enough: it is read anew for each head. */
const options = new ConnectionOptions();

/** Reads `Connection` and `Keep-Alive: timeout=` (RFC 9112 §9.3, appendix C.2.2; RFC 2068 §19.7.1.1). */
export function persistence(head: HeadParser, minorVersion: number): Persistence {
  options.reset();
  let timeoutMs = -1;
  for (let field = 0; field < head.fieldCount; field++) {
    const number = PERSISTENCE.find(head, field);
    if (number === UNLISTED) continue;
    if (number === CONNECTION) {
      options.add(head, field);
    } else {
      const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,;\s])/i.exec(head.value(field))?.[1];
      if (seconds !== undefined) timeoutMs = Number(seconds) * 1000;
    }
  }
  if (!options.isKept(minorVersion)) return CLOSED;
  return timeoutMs < 0 ? KEPT : { isKept: true, timeoutMs };
}
