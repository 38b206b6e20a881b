import type { Cidr } from "../config/cidr.ts";
import { FOLD, SLASH } from "../http1/characters.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { latin1Text } from "../http1/latin1.ts";
import { continued } from "../http1/list-field.ts";
import { comparablePath, comparableQuery, isPlain } from "../http1/uri-path.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { clientAddress } from "../proxy/client-address.ts";
import { hostName } from "../routing/host-name.ts";
import type { RequestView } from "../routing/request-view.ts";
import type { RequestReader } from "./request-reader.ts";

/** The longest authority that is remembered, in bytes: that of a name of 253 characters (RFC 1035 §2.3.4), and a port. */
const MOST_REMEMBERED = 259;

/**
 * A view of requests that are bytes, one after another. The same as `routing/web-view.ts` has of a `Request`. What it
 * says holds until it turns to the next one.
 */
export class RelayView implements RequestView {
  #client: ClientInfo | undefined;
  #trustedProxies: readonly Cidr[] = [];
  #reader: RequestReader | undefined;
  #path: string | undefined;
  #query: string | undefined;
  #clientAddress: string | undefined;
  /** Most of the traffic is about one host: its bytes as they came last, and what they are. */
  readonly #authority = new Uint8Array(MOST_REMEMBERED);
  #authorityBytes = -1;
  #host = "";

  /**
   * Turns to the request whose head a connection has just read; gives itself.
   *
   * @param trustedProxies Whose `X-Forwarded-For` is believed.
   */
  of(reader: RequestReader, client: ClientInfo, trustedProxies: readonly Cidr[]): this {
    this.#reader = reader;
    this.#client = client;
    this.#trustedProxies = trustedProxies;
    this.#path = undefined;
    this.#query = undefined;
    this.#clientAddress = undefined;
    return this;
  }

  get method(): string {
    return this.#read.head.method;
  }

  get host(): string {
    const { fields, head } = this.#read;
    const start = head.authorityStart(fields);
    const end = head.authorityEnd(fields);
    if (!this.#isRemembered(fields.bytes, start, end)) {
      this.#remember(fields.bytes, start, end);
      this.#host = hostName(latin1Text(fields.bytes, start, end));
    }
    return this.#host;
  }

  get path(): string {
    this.#path ??= this.#madePath();
    return this.#path;
  }

  get query(): string {
    this.#query ??= this.#madeQuery();
    return this.#query;
  }

  get clientAddress(): string {
    if (this.#clientAddress === undefined) {
      const { address } = this.#client as ClientInfo;
      const trusted = this.#trustedProxies;
      this.#clientAddress =
        trusted.length === 0 ? address : clientAddress(address, this.header("x-forwarded-for"), trusted);
    }
    return this.#clientAddress;
  }

  header(name: string): string | null {
    const { fields } = this.#read;
    let value: string | null = null;
    for (let field = 0; field < fields.fieldCount; field++) {
      if (!isNamed(fields, field, name)) continue;
      const line = fields.value(field);
      value = value !== null && name === "cookie" ? withCookies(value, line) : continued(value, line);
    }
    return value;
  }

  get #read(): RequestReader {
    return this.#reader as RequestReader;
  }

  #madePath(): string {
    const { fields, head } = this.#read;
    const { bytes } = fields;
    const { prefix, start, end } = head.target;
    let before = SLASH;
    let isComparable = true;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === QUESTION_MARK) break;
      if (!isPlain(byte) || (byte === DOT && before === SLASH)) isComparable = false;
      before = byte;
    }
    // A prefix stands for a path that was left out.
    if (prefix !== "") return prefix;
    const path = latin1Text(bytes, start, at);
    return isComparable ? path : comparablePath(path);
  }

  #madeQuery(): string {
    const { fields, head } = this.#read;
    const { bytes } = fields;
    const { start, end } = head.target;
    for (let at = start; at < end; at++) {
      if (bytes[at] === QUESTION_MARK) return comparableQuery(latin1Text(bytes, at + 1, end));
    }
    return "";
  }

  #isRemembered(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start !== this.#authorityBytes) return false;
    const remembered = this.#authority;
    for (let index = 0; start + index < end; index++) {
      if (bytes[start + index] !== remembered[index]) return false;
    }
    return true;
  }

  #remember(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#authorityBytes = length <= MOST_REMEMBERED ? length : -1;
    for (let index = 0; index < this.#authorityBytes; index++) {
      this.#authority[index] = bytes[start + index] as number;
    }
  }
}

/** Only these lines are joined in another way (RFC 6265 §5.4); a space at the end is none of the value (RFC 9110 §5.5). */
function withCookies(before: string, line: string): string {
  return line === "" ? `${before};` : `${before}; ${line}`;
}

/** Whether a field has this name, which is in lower case. */
function isNamed(fields: HeadParser, field: number, name: string): boolean {
  const start = fields.nameStart(field);
  if (fields.nameEnd(field) - start !== name.length) return false;
  const { bytes } = fields;
  for (let index = 0; index < name.length; index++) {
    if (FOLD[bytes[start + index] as number] !== name.charCodeAt(index)) return false;
  }
  return true;
}

const DOT = 0x2e;
const QUESTION_MARK = 0x3f;
