import { SP, TARGET, TOKEN } from "./characters.ts";
import { latin1Text } from "./latin1.ts";
import { Malformed } from "./malformed.ts";

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
   * Reads the line, without its CRLF.
   *
   * @throws Malformed if it is none.
   */
  read(bytes: Uint8Array, start: number, end: number): void;
}

/** `HTTP/1.`: the minor version follows. */
const VERSION = Uint8Array.from("HTTP/1.", (character) => character.charCodeAt(0));
/** The version and its minor digit, in bytes. */
const VERSION_BYTES = VERSION.length + 1;

const NO_VERSION = "the line does not begin with HTTP/1";
const BAD_STATUS = "the status is not three digits from 100 to 599";
const BAD_STATUS_LINE = "the status line has no space after the version or the status";
const BAD_REQUEST_LINE = "the request line is not a method, a target and a version";

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
    checkVersion(bytes, start, end);
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    this.minorVersion = minorVersionAt(bytes, start, end);
    const status = start + VERSION_BYTES + 1;
    if (end < status + 3 || bytes[status - 1] !== SP) throw new Malformed(BAD_STATUS_LINE);
    this.status = digitAt(bytes, status) * 100 + digitAt(bytes, status + 1) * 10 + digitAt(bytes, status + 2);
    if (!(this.status >= 100 && this.status <= 599)) throw new Malformed(BAD_STATUS);
    if (end > status + 3 && bytes[status + 3] !== SP) throw new Malformed(BAD_STATUS_LINE);
    this.reasonStart = Math.min(status + 4, end);
    this.reasonEnd = end;
  }
}

/** A request line, `GET / HTTP/1.1` (RFC 9112 §3): one space between its parts and no other. */
export class RequestLine implements StartLine {
  /** Some clients send one CRLF too many after a body (RFC 9112 §2.2). */
  readonly mayFollowEmptyLine = true;
  minorVersion = 1;
  method = "";
  /** As it came, whatever its form (RFC 9112 §3.2). */
  target = "";

  foresee(bytes: Uint8Array, start: number, end: number): void {
    if (end > start && TOKEN[bytes[start] as number] === 0) throw new Malformed(BAD_REQUEST_LINE);
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && TOKEN[bytes[at] as number] === 1) at++;
    if (at === start || bytes[at] !== SP) throw new Malformed(BAD_REQUEST_LINE);
    this.method = latin1Text(bytes, start, at);
    const target = at + 1;
    at = target;
    while (at < end && TARGET[bytes[at] as number] === 1) at++;
    if (at === target || at >= end || bytes[at] !== SP) throw new Malformed(BAD_REQUEST_LINE);
    this.target = latin1Text(bytes, target, at);
    this.minorVersion = minorVersionAt(bytes, at + 1, end);
    if (end !== at + 1 + VERSION_BYTES) throw new Malformed(BAD_REQUEST_LINE);
  }
}

function checkVersion(bytes: Uint8Array, start: number, end: number): void {
  const known = Math.min(end - start, VERSION.length);
  for (let index = 0; index < known; index++) {
    if (bytes[start + index] !== VERSION[index]) throw new Malformed(NO_VERSION);
  }
}

/** Any minor version is read as what it says it is compatible with (RFC 9110 §2.5). */
function minorVersionAt(bytes: Uint8Array, start: number, end: number): number {
  checkVersion(bytes, start, end);
  if (end < start + VERSION_BYTES) throw new Malformed(NO_VERSION);
  const minor = digitAt(bytes, start + VERSION.length);
  if (Number.isNaN(minor)) throw new Malformed(NO_VERSION);
  return minor;
}

/** NaN if it is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] as number) - 0x30;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
