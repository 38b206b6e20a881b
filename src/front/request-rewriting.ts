import { isInAny } from "../config/cidr.ts";
import { FieldTable } from "../http1/field-table.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { HOP_BY_HOP, namedByConnection } from "../http1/hop-by-hop.ts";
import { latin1Bytes } from "../http1/latin1.ts";
import { continued } from "../http1/list-field.ts";
import { NO_FIELD } from "../http1/request-head.ts";
import { TargetForm } from "../http1/request-target.ts";
import type { RequestOrigins } from "../proxy/changed-request.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { addedFields, DESCRIBING, PRETENDING, type Said, VIA, VOUCHABLE } from "../proxy/headers.ts";
import type { ForwardingRules } from "../proxy/request.ts";
import type { HeadBuffer } from "./head-buffer.ts";
import type { RequestReader } from "./request-reader.ts";
import { copyOffer } from "./upgrade-offer.ts";

const HOP = 1;
const HOST = 2;
const EXPECT = 3;
const VIA_FIELD = 4;
const DESCRIBING_FIELD = 5;
const FORWARDED = 6;
const PRETENDED = 7;

/** What becomes of a field is decided by its name. All others pass. */
const FIELDS = new FieldTable({
  ...Object.fromEntries(PRETENDING.map((name) => [name, PRETENDED])),
  ...Object.fromEntries(DESCRIBING.map((name) => [name, DESCRIBING_FIELD])),
  ...Object.fromEntries([...HOP_BY_HOP, "http2-settings"].map((name) => [name, HOP])),
  forwarded: FORWARDED,
  host: HOST,
  expect: EXPECT,
  via: VIA_FIELD,
  // Bodies pass in the framing that they came in, and so do their trailers.
  "transfer-encoding": 0,
  trailer: 0,
});

/** As one would write them. */
const CANONICAL: Readonly<Record<string, string>> = {
  via: "Via",
  "x-forwarded-for": "X-Forwarded-For",
  "x-forwarded-host": "X-Forwarded-Host",
  "x-forwarded-proto": "X-Forwarded-Proto",
  forwarded: "Forwarded",
};

const VERSION_AND_CRLF = latin1Bytes(" HTTP/1.1\r\n");
const CRLF = latin1Bytes("\r\n");
const UPGRADE = latin1Bytes("Connection: Upgrade\r\n");
/** It passes because trailers do (RFC 9110 §10.1.4); other transfer codings are not known here. */
const TRAILERS_TAKEN = latin1Bytes("TE: trailers\r\nConnection: TE\r\n");
const TAKES_TRAILERS = /(?:^|,)[ \t]*trailers[ \t]*(?:,|$)/i;
const HOST_NAME = latin1Bytes("Host: ");

/**
 * Writes the heads of one client's requests as a backend gets them: every byte as it came, but for the fields
 * about one hop and those that say where the request came from. The rules are those of `proxy/headers.ts`.
 */
export class RequestRewriting {
  readonly #client: ClientInfo;
  readonly #address: string;
  /** Whether what the client says of others is believed. */
  readonly isTrusted: boolean;
  readonly #withForwarded: boolean;
  /** What is added to nearly every request, up to the value of `X-Forwarded-Host`. Undefined if there is more to it. */
  readonly #usual: Uint8Array | undefined;

  constructor(client: ClientInfo, rules: ForwardingRules) {
    this.#client = client;
    // RFC 7239 §6.2, for peers without an address, as on a Unix socket.
    this.#address = client.address || "unknown";
    this.isTrusted = isInAny(rules.trustedProxies, this.#address);
    this.#withForwarded = rules.forwarded;
    if (this.isTrusted || this.#withForwarded) return;
    this.#usual = latin1Bytes(
      `Via: ${VIA}\r\nX-Forwarded-For: ${this.#address}\r\nX-Forwarded-Proto: ${this.#proto}\r\nX-Forwarded-Host: `,
    );
  }

  /**
   * Writes a head.
   *
   * @param host The backend's own name, for a request that names none.
   * @param upgrades Whether its offer to switch protocols passes.
   */
  write(buffer: HeadBuffer, reader: RequestReader, host: string, upgrades: boolean): void {
    const { fields, head, origins } = reader;
    const { bytes, fieldCount } = fields;
    const isAbsolute = head.target.form === TargetForm.absolute;
    const named = head.connectionOptions.takesFields ? namedIn(fields, origins) : NONE;
    buffer.reset();
    // What passes as it came is copied in as few pieces as there are.
    let from = isAbsolute || head.minorVersion !== 1 ? writeLine(buffer, reader) : reader.line.methodStart;
    let hasVia = false;
    for (let field = 0; field < fieldCount; field++) {
      const kind = FIELDS.find(fields, field);
      if (kind === VIA_FIELD) hasVia = true;
      if (this.#passes(kind, isAbsolute, reader.isOld) || isVouchedFor(kind, fields, field, origins)) {
        if (named.length === 0 || !named.includes(fields.name(field).toLowerCase())) continue;
      }
      buffer.copy(bytes, from, fields.lineStart(field));
      from = fields.lineEnd(field);
    }
    buffer.copy(bytes, from, fields.end - CRLF.length);
    if (upgrades) {
      buffer.add(UPGRADE);
      copyOffer(buffer, reader);
    } else if (head.te !== NO_FIELD && !reader.isOld && TAKES_TRAILERS.test(fields.value(head.te))) {
      buffer.add(TRAILERS_TAKEN);
    }
    this.#writeAdded(buffer, reader, host, hasVia);
    buffer.add(CRLF);
  }

  #passes(kind: number, isAbsolute: boolean, isOld: boolean): boolean {
    switch (kind) {
      case 0:
        return true;
      case HOST:
        return !isAbsolute;
      case EXPECT:
        return !isOld;
      case FORWARDED:
        return this.isTrusted && !this.#withForwarded;
      case PRETENDED:
        return this.isTrusted;
      default:
        return false;
    }
  }

  #writeAdded(buffer: HeadBuffer, reader: RequestReader, host: string, hasVia: boolean): void {
    const { fields, head, origins } = reader;
    const { bytes } = fields;
    const start = head.authorityStart(fields);
    const end = head.authorityEnd(fields);
    const hasAuthority = end > start;
    if (head.target.form === TargetForm.absolute) {
      // RFC 9112 §3.2.2: what the target says replaces what Host says.
      buffer.add(HOST_NAME);
      buffer.copy(bytes, start, end);
      buffer.add(CRLF);
    } else if (!hasAuthority) {
      buffer.text(`Host: ${host}\r\n`);
    }
    if (this.#usual !== undefined && hasAuthority && !hasVia && !reader.isOld && origins === undefined) {
      buffer.add(this.#usual);
      buffer.copy(bytes, start, end);
      buffer.add(CRLF);
      return;
    }
    const origin = {
      address: this.#address,
      // What the client asked for, which is not what the config made of it.
      host: origins?.clientHost ?? (hasAuthority ? reader.authority : host),
      proto: this.#proto,
    } as const;
    const protocol = reader.isOld ? "1.0" : "1.1";
    const added = addedFields(saidBy(fields), protocol, origin, this.isTrusted, this.#withForwarded);
    for (let index = 0; index < added.length; index += 2) {
      const name = added[index] as string;
      buffer.text(`${CANONICAL[name] ?? name}: ${added[index + 1]}\r\n`);
    }
  }

  get #proto(): "http" | "https" {
    return this.#client.tls ? "https" : "http";
  }
}

const NONE: readonly string[] = [];

/** The fields that `Connection` takes away: none that the config has set. */
function namedIn(fields: HeadParser, origins: RequestOrigins | undefined): readonly string[] {
  const named = namedByConnection(saidBy(fields).get("connection"));
  return origins === undefined ? named : named.filter((name) => !origins.vouched.includes(name));
}

/** Whether the config has set a field that would not pass if a client had. */
function isVouchedFor(
  kind: number,
  fields: HeadParser,
  field: number,
  origins: RequestOrigins | undefined,
): boolean {
  if (origins === undefined || kind !== PRETENDED) return false;
  const name = fields.name(field).toLowerCase();
  return VOUCHABLE.has(name) && origins.vouched.includes(name);
}

/** Writes the request line anew. Returns where the fields begin. */
function writeLine(buffer: HeadBuffer, { head, fields }: RequestReader): number {
  const { prefix, start, end } = head.target;
  buffer.text(`${head.method} ${prefix}`);
  buffer.copy(fields.bytes, start, end);
  buffer.add(VERSION_AND_CRLF);
  return fields.fieldsStart;
}

/** What a request says of itself, for the few whose words count. */
function saidBy(fields: HeadParser): Said {
  return {
    get(name) {
      let said: string | null = null;
      for (let field = 0; field < fields.fieldCount; field++) {
        if (fields.name(field).toLowerCase() === name) said = continued(said, fields.value(field));
      }
      return said;
    },
  };
}

/**
 * Whether a trailer field of a request may pass (RFC 9110 §6.5.1). One that would frame, route or authorize as a
 * header must not: some servers take trailers for headers.
 */
export function mayPassAsTrailer(trailers: HeadParser, field: number): boolean {
  return !NEVER_TRAILERS.has(trailers.name(field).toLowerCase());
}

const NEVER_TRAILERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...DESCRIBING,
  ...PRETENDING,
  "authorization",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "http2-settings",
  "max-forwards",
  "proxy-authorization",
  "set-cookie",
  "via",
]);
