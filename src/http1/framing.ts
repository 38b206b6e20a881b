import type { HeadParser } from "./head-parser.ts";
import { Malformed } from "./malformed.ts";

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

/** No length was given. */
const UNSAID = -3;

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
  const said = saidLength(head, minorVersion);
  // Rule 1. Whatever length these give is that of another message.
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return 0;
  return said === UNSAID ? UNTIL_CLOSE : said;
}

/**
 * The length of a request's body, by the rules of RFC 9112 §6.3: one without a length has no body.
 *
 * @throws Malformed if the head leaves room for two answers.
 */
export function requestBodyLength(head: HeadParser, minorVersion: number): BodyLength {
  const said = saidLength(head, minorVersion);
  return said === UNSAID ? 0 : said;
}

function saidLength(head: HeadParser, minorVersion: number): BodyLength {
  let length = UNSAID;
  let isChunked = false;
  for (let field = 0; field < head.fieldCount; field++) {
    const nameLength = head.nameLength(field);
    if (nameLength === 14 && head.isNamed(field, "content-length")) {
      // §6.3 rule 5 would allow the same length twice. It is a sign of two writers, so not here.
      if (length !== UNSAID) throw new Malformed("Content-Length is there twice");
      length = contentLength(head.value(field));
    } else if (nameLength === 17 && head.isNamed(field, "transfer-encoding")) {
      // Another coding would have to be asked for with TE, which a proxy does not pass on (§7.4).
      if (isChunked) throw new Malformed("Transfer-Encoding is there twice");
      if (head.value(field).toLowerCase() !== "chunked") throw new Malformed("a transfer coding is unknown");
      isChunked = true;
    }
  }
  if (!isChunked) return length;
  // §6.1: a message with both may be an attempt at smuggling; one of HTTP/1.0 is faulty at any rate.
  if (length !== UNSAID) throw new Malformed("Content-Length stands beside Transfer-Encoding");
  if (minorVersion === 0) throw new Malformed("HTTP/1.0 has a Transfer-Encoding");
  return CHUNKED;
}

/**
 * Reads `Content-Length` (RFC 9110 §8.6): digits alone, no sign, no list.
 *
 * @throws Malformed for anything else, and for a number that cannot be counted exactly.
 */
export function contentLength(value: string): number {
  let length = value === "" ? Number.NaN : 0;
  for (let index = 0; index < value.length; index++) {
    const digit = value.charCodeAt(index) - 0x30;
    length = digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN;
  }
  if (!Number.isSafeInteger(length)) throw new Malformed("the Content-Length is not one number");
  return length;
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

/** Reads `Connection` and `Keep-Alive: timeout=` (RFC 9112 §9.3, appendix C.2.2; RFC 2068 §19.7.1.1). */
export function persistence(head: HeadParser, minorVersion: number): Persistence {
  let isClose = false;
  let isKeepAlive = false;
  let timeoutMs = -1;
  for (let field = 0; field < head.fieldCount; field++) {
    if (head.nameLength(field) !== 10) continue;
    if (head.isNamed(field, "connection")) {
      const options = head.value(field).toLowerCase();
      isClose ||= hasOption(options, "close");
      isKeepAlive ||= hasOption(options, "keep-alive");
    } else if (head.isNamed(field, "keep-alive")) {
      const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:$|[,;\s])/i.exec(head.value(field))?.[1];
      if (seconds !== undefined) timeoutMs = Number(seconds) * 1000;
    }
  }
  if (isClose || (minorVersion === 0 && !isKeepAlive)) return CLOSED;
  return timeoutMs < 0 ? KEPT : { isKept: true, timeoutMs };
}

function hasOption(options: string, option: string): boolean {
  if (options === option) return true;
  return options.includes(",") && options.split(",").some((other) => other.trim() === option);
}
