import { BodyDecoder } from "../../http1/body-decoder.ts";
import {
  announcesBody,
  type BodyLength,
  type Persistence,
  persistence,
  responseBodyLength,
  UNSAID_PERSISTENCE,
  UNTIL_CLOSE,
} from "../../http1/framing.ts";
import { HeadParser } from "../../http1/head-parser.ts";
import type { Limits } from "../../http1/limits.ts";
import { Malformed } from "../../http1/malformed.ts";
import { StatusLine } from "../../http1/start-line.ts";
import { responseInit } from "./response-head.ts";

/** Interim answers (1xx, RFC 9110 §15.2) that are passed over before one answer. */
const MOST_INTERIM = 32;

/** What of a request decides how its answer is read. */
export interface Asked {
  readonly method: string;
  readonly offersUpgrade: boolean;
  interim(reader: ResponseReader): void;
}

/** Reads the answers that come on one connection, one after another: first the head, then the body. */
export class ResponseReader {
  /** What the last head said of the connection. */
  persistence: Persistence = UNSAID_PERSISTENCE;
  /** The first line of the head that was read. */
  readonly line = new StatusLine();
  /** The fields of the head that was read. */
  readonly head: HeadParser;
  /** Reads its body. */
  readonly body: BodyDecoder;
  /** How long its body is. */
  bodyLength: BodyLength = 0;
  #interim = 0;

  constructor(limits: Limits) {
    this.head = new HeadParser(limits, this.line);
    this.body = new BodyDecoder(limits);
  }

  /** The next bytes begin another answer. */
  reset(): void {
    this.head.reset();
    this.#interim = 0;
  }

  /**
   * Reads on in the head of the final answer; interim ones are told to the request.
   *
   * @returns Where the body begins, as an index into `bytes`; -1 if the head has not ended.
   * @throws Malformed
   */
  readHead(bytes: Uint8Array, asked: Asked): number {
    for (let at = 0; ; ) {
      at = this.head.push(bytes, at);
      if (at < 0) return -1;
      const { status, minorVersion } = this.line;
      if (status >= 200) {
        this.#beginBody(responseBodyLength(this.head, status, minorVersion, asked.method));
        this.persistence =
          status === 204 && announcesBody(this.head)
            ? UNSAID_PERSISTENCE
            : persistence(this.head, minorVersion);
        return at;
      }
      if (status === 101) {
        // RFC 9110 §7.8: only what was offered in Upgrade may be switched to.
        if (!asked.offersUpgrade) throw new Malformed("the backend switches protocols unasked");
        // What follows is another protocol's, as long as the connection lasts.
        this.#beginBody(UNTIL_CLOSE);
        this.persistence = UNSAID_PERSISTENCE;
        return at;
      }
      this.#interim += 1;
      if (this.#interim > MOST_INTERIM) throw new Malformed("too many interim answers");
      asked.interim(this);
      this.head.reset();
      if (at === bytes.length) return -1;
    }
  }

  #beginBody(length: BodyLength): void {
    this.bodyLength = length;
    this.body.begin(length);
  }

  /** What the head said, for `Response`. Once, after `readHead`; then the head's bytes are let go of. */
  responseInit(): ResponseInit {
    const init = responseInit(this.head, this.line);
    this.head.reset();
    return init;
  }

  /**
   * Reads on in the body, and adds the data in these bytes to `pieces`.
   *
   * @returns How far it read: less than all if the body ended before.
   * @throws Malformed
   */
  readBody(bytes: Uint8Array, from: number, pieces: Uint8Array[]): number {
    const decoder = this.body;
    let at = from;
    while (at < bytes.length && !decoder.isDone) {
      at = decoder.advance(bytes, at);
      if (decoder.dataEnd > decoder.dataStart)
        pieces.push(bytes.subarray(decoder.dataStart, decoder.dataEnd));
    }
    return at;
  }

  /** True once the body was read to its end. */
  get isDone(): boolean {
    return this.body.isDone;
  }

  /** Whether the answer was that the connection is another protocol's from here on (RFC 9110 §15.2.2). */
  get isSwitched(): boolean {
    return this.line.status === 101;
  }

  /** True if the end of the connection is the end of the body, and does not cut it. */
  get mayEndHere(): boolean {
    return this.body.mayEndHere;
  }
}

/** The pieces of a body as one; null if there are none. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | null {
  // Bytes that came from a socket are never shared between threads.
  if (pieces.length <= 1) return (pieces[0] ?? null) as Uint8Array<ArrayBuffer> | null;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
