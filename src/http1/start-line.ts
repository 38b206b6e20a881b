import { HASH, SP, TARGET, TOKEN } from "./characters.ts";
import { Malformed, MalformedKind } from "./malformed.ts";

/** The first line of a head: what makes it a response's or a request's. */
export interface StartLine {
  /** Whether one empty line before it is passed over. */
  readonly mayFollowEmptyLine: boolean;
  /**
   * Looks at the beginning of a line that has not ended, so that what is no HTTP at all is refused at once
   * and not waited for.
   *
   * @throws Malformed if no line that begins like this is a start line.
   */
  foresee(bytes: Uint8Array, start: number, end: number): void;
  /**
   * Reads the line, without its CRLF. What it keeps are offsets into the head's bytes.
   *
   * @throws Malformed if it is none.
   */
  read(bytes: Uint8Array, start: number, end: number): void;
  /** Moves the offsets: the head's bytes are now so many places further on. */
  move(by: number): void;
}

/** `HTTP/1.`: the minor version follows. */
const VERSION = Uint8Array.from("HTTP/1.", (character) => character.charCodeAt(0));
/** The version and its minor digit, in bytes. */
const VERSION_BYTES = VERSION.length + 1;
/** Where in it the major digit is. */
const MAJOR_AT = 5;

const NO_VERSION = "the line does not begin with HTTP/1";
const OTHER_VERSION = "the version is not HTTP/1";
const BAD_STATUS = "the status is not three digits from 100 to 599";
const BAD_STATUS_LINE = "the status line has no space after the version or the status";
const BAD_REQUEST_LINE = "the request line is not a method, a target and a version";
const FRAGMENT = "the target has a fragment";

/**
 * A status line, `HTTP/1.1 200 OK` (RFC 9112 §4). A server that leaves out the reason phrase often leaves out
 * the space before it, too; that much is taken, since nobody reads it in another way.
 */
export class StatusLine implements StartLine {
  readonly mayFollowEmptyLine = false;
  /** 0 for HTTP/1.0, 1 or above for its successors. */
  minorVersion = 1;
  /** From 100 to 599. */
  status = 0;
  /** Where the reason phrase is, in the head's bytes; empty if there is none. */
  reasonStart = 0;
  reasonEnd = 0;

  foresee(bytes: Uint8Array, start: number, end: number): void {
    if (!beginsVersion(bytes, start, end)) throw new Malformed(NO_VERSION);
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    this.minorVersion = minorVersionAt(bytes, start, end);
    if (this.minorVersion < 0) throw new Malformed(NO_VERSION);
    const status = start + VERSION_BYTES + 1;
    if (end < status + 3 || bytes[status - 1] !== SP) throw new Malformed(BAD_STATUS_LINE);
    this.status = digitAt(bytes, status) * 100 + digitAt(bytes, status + 1) * 10 + digitAt(bytes, status + 2);
    if (!(this.status >= 100 && this.status <= 599)) throw new Malformed(BAD_STATUS);
    if (end > status + 3 && bytes[status + 3] !== SP) throw new Malformed(BAD_STATUS_LINE);
    this.reasonStart = Math.min(status + 4, end);
    this.reasonEnd = end;
  }

  move(by: number): void {
    this.reasonStart += by;
    this.reasonEnd += by;
  }
}

/** A request line, `GET / HTTP/1.1` (RFC 9112 §3): one space between its parts and no other. */
export class RequestLine implements StartLine {
  /** Some clients send one CRLF too many after a body (RFC 9112 §2.2). */
  readonly mayFollowEmptyLine = true;
  /** 0 for HTTP/1.0, 1 or above for its successors. */
  minorVersion = 1;
  /** Where the method is, in the head's bytes. */
  methodStart = 0;
  methodEnd = 0;
  /** Where the target is, as it came, whatever its form (RFC 9112 §3.2). It has no fragment. */
  targetStart = 0;
  targetEnd = 0;

  foresee(bytes: Uint8Array, start: number, end: number): void {
    if (end > start && TOKEN[bytes[start] as number] === 0) throw new Malformed(BAD_REQUEST_LINE);
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && TOKEN[bytes[at] as number] === 1) at++;
    if (at === start || bytes[at] !== SP) throw new Malformed(BAD_REQUEST_LINE);
    this.methodStart = start;
    this.methodEnd = at;
    at += 1;
    this.targetStart = at;
    while (at < end && TARGET[bytes[at] as number] === 1) at++;
    if (at < end && bytes[at] === HASH) throw new Malformed(FRAGMENT);
    if (at === this.targetStart || at >= end || bytes[at] !== SP) throw new Malformed(BAD_REQUEST_LINE);
    this.targetEnd = at;
    if (end !== at + 1 + VERSION_BYTES) throw new Malformed(BAD_REQUEST_LINE);
    this.minorVersion = minorVersionAt(bytes, at + 1, end);
    if (this.minorVersion < 0) throw badVersion(bytes, at + 1);
  }

  move(by: number): void {
    this.methodStart += by;
    this.methodEnd += by;
    this.targetStart += by;
    this.targetEnd += by;
  }
}

/** Whether these bytes are as much of `HTTP/1.` as there is of them. */
function beginsVersion(bytes: Uint8Array, start: number, end: number): boolean {
  const known = Math.min(end - start, VERSION.length);
  for (let index = 0; index < known; index++) if (bytes[start + index] !== VERSION[index]) return false;
  return true;
}

/** Any minor version is read as what it says it is compatible with (RFC 9110 §2.5). Below 0 if there is none. */
function minorVersionAt(bytes: Uint8Array, start: number, end: number): number {
  if (end < start + VERSION_BYTES || !beginsVersion(bytes, start, end)) return -1;
  const minor = digitAt(bytes, start + VERSION.length);
  return Number.isNaN(minor) ? -1 : minor;
}

/** What to say of eight bytes that are not HTTP/1.x: `HTTP/2.0` is no mistake, but nothing to be had here. */
function badVersion(bytes: Uint8Array, start: number): Malformed {
  const major = start + MAJOR_AT;
  const isOther =
    beginsVersion(bytes, start, major) &&
    bytes[major] !== VERSION[MAJOR_AT] &&
    !Number.isNaN(digitAt(bytes, major)) &&
    bytes[major + 1] === VERSION[MAJOR_AT + 1] &&
    !Number.isNaN(digitAt(bytes, major + 2));
  return isOther ? new Malformed(OTHER_VERSION, MalformedKind.version) : new Malformed(BAD_REQUEST_LINE);
}

/** NaN if it is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] as number) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
