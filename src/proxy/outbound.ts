import type { FieldVisitor, OutboundBody, OutboundRequest } from "../transport/transport.ts";
import type { DroppedFields } from "./headers.ts";
import { isIdempotent } from "./methods.ts";
import { NO_BODY, type RequestBody } from "./request-body.ts";

/** Which of a client's fields a backend gets, and what besides. */
export interface OutboundFields {
  /** The client's. Never changed. */
  readonly source: Headers;
  readonly dropped: DroppedFields;
  /** More that does not pass; seldom any. */
  readonly alsoDropped: readonly string[];
  /** Name, value, name, value: what is added, and what takes the place of something dropped. */
  readonly added: readonly string[];
}

/** A request ready to be sent, as often as its body allows. */
export class Outbound implements OutboundRequest {
  readonly method: string;
  readonly target: string;
  readonly idempotent: boolean;
  readonly announcedBytes: number;
  /** Whether the client said that a body comes, by its length or by its coding. */
  readonly announcesBody: boolean;
  content: RequestBody = NO_BODY;
  readonly #fields: OutboundFields;
  #headers: Headers | undefined;
  #visit: FieldVisitor = unset;

  constructor(
    method: string,
    target: string,
    fields: OutboundFields,
    announcedBytes: number,
    announcesBody: boolean,
  ) {
    this.method = method;
    this.target = target;
    this.#fields = fields;
    this.idempotent = isIdempotent(method);
    this.announcedBytes = announcedBytes;
    this.announcesBody = announcesBody;
  }

  body(): OutboundBody | null {
    return this.content.body();
  }

  get headers(): Headers {
    this.#headers ??= this.#madeHeaders();
    return this.#headers;
  }

  eachField(visit: FieldVisitor): void {
    this.#visit = visit;
    const { source, added } = this.#fields;
    source.forEach(visitUnlessDropped, this);
    for (let index = 0; index < added.length; index += 2) {
      visit(added[index + 1] as string, added[index] as string);
    }
  }

  /** One of the client's fields, for `eachField`. */
  visitUnlessDropped(value: string, name: string): void {
    const { dropped, alsoDropped } = this.#fields;
    if (dropped.has(name) || (alsoDropped.length > 0 && alsoDropped.includes(name))) return;
    this.#visit(value, name);
  }

  /** One of the client's fields, for `headers`. */
  collectDropped(name: string): void {
    if (this.#fields.dropped.has(name)) toBeDropped.push(name);
  }

  #madeHeaders(): Headers {
    const { source, alsoDropped, added } = this.#fields;
    const headers = new Headers(source);
    // To delete each that may be there costs more than to look at those that are.
    source.forEach(collectDropped, this);
    for (const name of toBeDropped) headers.delete(name);
    toBeDropped.length = 0;
    for (const name of alsoDropped) headers.delete(name);
    for (let index = 0; index < added.length; index += 2) {
      headers.set(added[index] as string, added[index + 1] as string);
    }
    return headers;
  }
}

/** One function for all requests, with the request as its `this`: to make one for each would cost more. */
function visitUnlessDropped(this: Outbound, value: string, name: string): void {
  this.visitUnlessDropped(value, name);
}

function collectDropped(this: Outbound, _value: string, name: string): void {
  this.collectDropped(name);
}

/** What `collectDropped` found. Empty but while headers are being made. */
const toBeDropped: string[] = [];

function unset(): void {}
