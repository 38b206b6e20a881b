import { authorityEnd, hasPort, isAuthority } from "./authority.ts";
import { ASTERISK, FOLD, SLASH } from "./characters.ts";
import type { HeadParser } from "./head-parser.ts";
import { Malformed } from "./malformed.ts";
import type { RequestLine } from "./start-line.ts";

/** What a target is (RFC 9112 §3.2). */
export const TargetForm = {
  /** `/path?query`. */
  origin: 0,
  /** `http://host/path?query`, as clients send it to proxies. */
  absolute: 1,
  /** `host:port`, of `CONNECT` alone. */
  authority: 2,
  /** `*`, of `OPTIONS` alone. */
  asterisk: 3,
} as const;

/** One of `TargetForm`. */
export type TargetForm = (typeof TargetForm)[keyof typeof TargetForm];

/** The scheme of what is asked for here, as it begins an absolute-form. Any other is another server's. */
const SCHEME = Uint8Array.from("http://", (character) => character.charCodeAt(0));

/** A target in its parts, as offsets into the head's bytes. One such object reads one target after another. */
export class RequestTarget {
  form: TargetForm = TargetForm.origin;
  /**
   * What stands before the bytes from `start` to `end` in the target for an origin server: a slash if the path
   * was left out (RFC 9112 §3.2.1), an asterisk if `OPTIONS` asks for a whole host (§3.2.4), else nothing.
   */
  prefix: "" | "/" | "*" = "";
  /** Where path and query begin. */
  start = 0;
  /** Where they end. */
  end = 0;
  /** Where the authority begins in an absolute-form or authority-form. */
  authorityStart = 0;
  /** Where it ends; the same as `authorityStart` in the other forms. */
  authorityEnd = 0;

  /**
   * Reads the target of a request whose head has been parsed.
   *
   * @throws Malformed if it is in none of the forms that its method may have.
   */
  read(head: HeadParser, line: RequestLine, method: string): void {
    const { bytes } = head;
    const { targetStart: start, targetEnd: end } = line;
    this.prefix = "";
    this.start = start;
    this.end = end;
    this.authorityStart = start;
    this.authorityEnd = start;
    if (method === "CONNECT") {
      this.#readAuthority(bytes, start, end);
    } else if (bytes[start] === SLASH) {
      this.form = TargetForm.origin;
    } else if (bytes[start] === ASTERISK && end === start + 1) {
      if (method !== "OPTIONS") throw new Malformed("the target is an asterisk");
      this.form = TargetForm.asterisk;
    } else {
      this.#readAbsolute(bytes, start, end, method);
    }
  }

  #readAuthority(bytes: Uint8Array, start: number, end: number): void {
    if (!isAuthority(bytes, start, end) || !hasPort(bytes, start, end)) {
      throw new Malformed("the target of CONNECT is not a host and a port");
    }
    this.form = TargetForm.authority;
    this.authorityEnd = end;
    this.start = end;
  }

  #readAbsolute(bytes: Uint8Array, start: number, end: number, method: string): void {
    for (let index = 0; index < SCHEME.length; index++) {
      if (start + index >= end || FOLD[bytes[start + index] as number] !== SCHEME[index]) {
        throw new Malformed("the target is neither a path nor a URL of http");
      }
    }
    const host = start + SCHEME.length;
    const path = authorityEnd(bytes, host, end);
    const isEnded = path === end || bytes[path] === SLASH || bytes[path] === QUESTION_MARK;
    if (!isEnded || !isAuthority(bytes, host, path)) {
      throw new Malformed("the target's URL has no host, or more than a host and a port");
    }
    this.form = TargetForm.absolute;
    this.authorityStart = host;
    this.authorityEnd = path;
    this.start = path;
    if (path === end) this.prefix = method === "OPTIONS" ? "*" : "/";
    else if (bytes[path] !== SLASH) this.prefix = "/";
  }
}

const QUESTION_MARK = 0x3f;
