import { isAuthority, isSameAuthority } from "./authority.ts";
import { ConnectionOptions } from "./connection-options.ts";
import { FieldTable, UNLISTED } from "./field-table.ts";
import { type BodyLength, UNSAID, withContentLength, withTransferEncoding } from "./framing.ts";
import type { HeadParser } from "./head-parser.ts";
import { Malformed } from "./malformed.ts";
import { methodAt } from "./methods.ts";
import { RequestTarget, TargetForm } from "./request-target.ts";
import type { RequestLine } from "./start-line.ts";

/** In place of a field's index: there is no such field. */
export const NO_FIELD = -1;

/** The fields that a server looks at whatever it does with the request. */
const Field = {
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  upgrade: 5,
  expect: 6,
  te: 7,
  trailer: 8,
} as const;

const FIELDS = new FieldTable({
  host: Field.host,
  "content-length": Field.contentLength,
  "transfer-encoding": Field.transferEncoding,
  connection: Field.connection,
  upgrade: Field.upgrade,
  expect: Field.expect,
  te: Field.te,
  trailer: Field.trailer,
});

const EXPECTATIONS = new FieldTable({ "100-continue": 1 });

/**
 * What a request's head says to a server, read in one pass over its fields: which rules of HTTP it keeps, where
 * it goes, how long its body is and what becomes of the connection. Fields are told by their index.
 *
 * Where two readers could understand two things the request is refused. One such object reads one head after
 * another and makes nothing anew; what it says holds until the next one, or until the parser is reset.
 */
export class RequestHead {
  /** As it was written: methods are case-sensitive. */
  method = "";
  /** 0 for HTTP/1.0, 1 or above for its successors. */
  minorVersion = 1;
  /** In bytes, or `CHUNKED`. A request that says nothing has none (RFC 9112 §6.3 rule 7). */
  bodyLength: BodyLength = 0;
  /** What is asked for. */
  readonly target = new RequestTarget();
  /** What `Connection` says, in all its fields. */
  readonly connectionOptions = new ConnectionOptions();
  /** `Host`. Only HTTP/1.0 may leave it out. */
  host = NO_FIELD;
  /** The first `Connection`. */
  connection = NO_FIELD;
  /** The first `Upgrade`. In HTTP/1.0 it means nothing (RFC 9110 §7.8). */
  upgrade = NO_FIELD;
  /** `Expect: 100-continue`. In HTTP/1.0 it means nothing (RFC 9110 §10.1.1). */
  expect = NO_FIELD;
  /** The first `TE`. */
  te = NO_FIELD;
  /** The first `Trailer`. */
  trailer = NO_FIELD;

  /**
   * Reads a head that has ended.
   *
   * @param line What the parser read its first line with.
   * @throws Malformed for what must not be passed on. Nothing of the object holds then.
   */
  read(head: HeadParser, line: RequestLine): void {
    this.#reset();
    this.minorVersion = line.minorVersion;
    this.method = methodAt(head.bytes, line.methodStart, line.methodEnd);
    this.target.read(head, line, this.method);
    let said = UNSAID;
    for (let field = 0; field < head.fieldCount; field++) {
      switch (FIELDS.find(head, field)) {
        case Field.host:
          this.#takeHost(head, field);
          break;
        case Field.contentLength:
          said = withContentLength(said, head, field);
          break;
        case Field.transferEncoding:
          said = withTransferEncoding(said, head, field, line.minorVersion);
          break;
        case Field.connection:
          if (this.connection === NO_FIELD) this.connection = field;
          this.connectionOptions.add(head, field);
          break;
        case Field.upgrade:
          if (this.upgrade === NO_FIELD && line.minorVersion > 0) this.upgrade = field;
          break;
        case Field.expect:
          if (line.minorVersion > 0 && isContinue(head, field)) this.expect = field;
          break;
        case Field.te:
          if (this.te === NO_FIELD) this.te = field;
          break;
        case Field.trailer:
          if (this.trailer === NO_FIELD) this.trailer = field;
          break;
        default:
      }
    }
    this.bodyLength = said === UNSAID ? 0 : said;
    this.#checkHost(head);
  }

  /** Whether the client may send another request after this one (RFC 9112 §9.3). */
  get isKept(): boolean {
    return this.connectionOptions.isKept(this.minorVersion);
  }

  /**
   * Where the authority begins that was asked for, in the head's bytes: the target's if that has one, else the
   * value of `Host` (RFC 9110 §7.2).
   */
  authorityStart(head: HeadParser): number {
    const { authorityStart, authorityEnd } = this.target;
    if (authorityStart < authorityEnd || this.host === NO_FIELD) return authorityStart;
    return head.valueStart(this.host);
  }

  /** Where it ends; the same as `authorityStart` if HTTP/1.0 named none. */
  authorityEnd(head: HeadParser): number {
    const { authorityStart, authorityEnd } = this.target;
    if (authorityStart < authorityEnd || this.host === NO_FIELD) return authorityEnd;
    return head.valueEnd(this.host);
  }

  #reset(): void {
    this.connectionOptions.reset();
    this.host = NO_FIELD;
    this.connection = NO_FIELD;
    this.upgrade = NO_FIELD;
    this.expect = NO_FIELD;
    this.te = NO_FIELD;
    this.trailer = NO_FIELD;
  }

  /** RFC 9112 §3.2. */
  #takeHost(head: HeadParser, field: number): void {
    if (this.host !== NO_FIELD) throw new Malformed("Host is there twice");
    if (!isAuthority(head.bytes, head.valueStart(field), head.valueEnd(field))) {
      throw new Malformed("the Host is not a name or address");
    }
    this.host = field;
  }

  #checkHost(head: HeadParser): void {
    const { host, target } = this;
    if (host === NO_FIELD) {
      if (this.minorVersion > 0) throw new Malformed("the request has no Host");
    } else if (target.form === TargetForm.absolute) {
      // RFC 9112 §3.2.2 has the target win. Whoever looks at Host all the same would see another request.
      const { authorityStart, authorityEnd } = target;
      const start = head.valueStart(host);
      if (!isSameAuthority(head.bytes, authorityStart, authorityEnd, start, head.valueEnd(host))) {
        throw new Malformed("the Host is not the target's");
      }
    }
  }
}

function isContinue(head: HeadParser, field: number): boolean {
  return EXPECTATIONS.at(head.bytes, head.valueStart(field), head.valueEnd(field)) !== UNLISTED;
}
