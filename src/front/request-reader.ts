import { BodyDecoder } from "../http1/body-decoder.ts";
import type { BodyLength } from "../http1/framing.ts";
import { HeadParser } from "../http1/head-parser.ts";
import type { Limits } from "../http1/limits.ts";
import { RequestHead } from "../http1/request-head.ts";
import { RequestLine } from "../http1/start-line.ts";
import type { RequestOrigins } from "../proxy/changed-request.ts";

/** Reads the requests that come on one connection, one after another: first the head, then the body. */
export class RequestReader {
  /** What the head says to whoever takes the request. */
  readonly head = new RequestHead();
  /** Its first line. */
  readonly line = new RequestLine();
  /** Its fields. */
  readonly fields: HeadParser;
  /** Reads its body. */
  readonly body: BodyDecoder;
  /** What is to be known of a head that middlewares have made; undefined for one that came as it is. */
  origins: RequestOrigins | undefined;

  constructor(limits: Limits) {
    this.fields = new HeadParser(limits, this.line);
    this.body = new BodyDecoder(limits);
  }

  /** The next bytes begin another request. */
  reset(): void {
    this.fields.reset();
    this.origins = undefined;
  }

  /**
   * Reads on in the head.
   *
   * @returns Where the body begins, as an index into `bytes`; -1 if the head has not ended.
   * @throws Malformed
   */
  readHead(bytes: Uint8Array, from: number): number {
    const end = this.fields.push(bytes, from);
    if (end < 0) return end;
    this.head.read(this.fields, this.line);
    this.body.begin(this.head.bodyLength);
    return end;
  }

  /** What follows the head is as long as this, whatever the head says. */
  beginBody(length: BodyLength): void {
    this.body.begin(length);
  }

  /** True once the body was read to its end. */
  get isDone(): boolean {
    return this.body.isDone;
  }

  /** Whether the client speaks HTTP/1.0. */
  get isOld(): boolean {
    return this.head.minorVersion === 0;
  }

  /** The authority that is asked for; empty if HTTP/1.0 named none. */
  get authority(): string {
    return this.fields.slice(this.head.authorityStart(this.fields), this.head.authorityEnd(this.fields));
  }

  /** The target for an origin server: path and query, or `*`. */
  get target(): string {
    const { prefix, start, end } = this.head.target;
    return prefix + this.fields.slice(start, end);
  }
}
