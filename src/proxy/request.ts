import { type Cidr, isInAny } from "../config/cidr.ts";
import type { OutboundRequest } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import { setForwarding, stripForwarding, stripHopByHop } from "./headers.ts";
import { badRequest, notImplemented, type Problem } from "./problem.ts";
import { completeBody, NO_BODY, REPLAY_LIMIT_BYTES, type RequestBody, StreamedBody } from "./request-body.ts";

/** What of the config decides how a request is passed on. */
export interface ForwardingRules {
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
}

/** Our name in `Via`: a pseudonym, since host names are nobody's business (RFC 9110 §7.6.3). */
const PSEUDONYM = "lb";
const VIA = `1.1 ${PSEUDONYM}`;

/** Methods that may be repeated without harm (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

/**
 * The path and query of a request's URL as they stand there: parsing would lose an empty query's `?`.
 * Undefined if it names no host, as when an HTTP/1.0 client sent none.
 */
export function targetOf(url: string): string | undefined {
  const scheme = url.indexOf("://");
  if (scheme < 0 || url.startsWith("/")) return undefined;
  const slash = url.indexOf("/", scheme + 3);
  if (slash < 0) return "/";
  const fragment = url.indexOf("#", slash);
  return fragment < 0 ? url.slice(slash) : url.slice(slash, fragment);
}

/** A request ready to be sent, as often as its body allows. */
export class Outbound implements OutboundRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly idempotent: boolean;
  /** The body's length in bytes as announced; -1 if it was not. */
  readonly announcedBytes: number;
  /** Whether the client said that a body comes, by its length or by its coding. */
  readonly announcesBody: boolean;
  content: RequestBody = NO_BODY;

  constructor(
    method: string,
    target: string,
    headers: Headers,
    announcedBytes: number,
    announcesBody: boolean,
  ) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.idempotent = method === "GET" || IDEMPOTENT.has(method);
    this.announcedBytes = announcedBytes;
    this.announcesBody = announcesBody;
  }

  body(): BodyInit | null {
    return this.content.body();
  }
}

/**
 * Makes a client's request ready for a backend, all but its body: the end-to-end headers, and where it came
 * from.
 *
 * @param client Undefined if unknown: then nothing is said of it.
 * @returns What is wrong instead, if the request must not be passed on.
 */
export function outboundOf(
  request: Request,
  client: ClientInfo | undefined,
  rules: ForwardingRules,
): Outbound | Problem {
  const { method, url } = request;
  const target = targetOf(url);
  if (target === undefined) return badRequest("The request names no host.");
  if (method === "CONNECT" || method === "TRACE") return methodNotAllowed(method);
  const headers = new Headers(request.headers);
  const host = headers.get("host");
  const length = headers.get("content-length");
  // A runtime joins repeated fields with commas; each of these may be there once (RFC 9112 §3.2, §6.3).
  if (host !== null && !/^[^\s,/\\?#@]+$/.test(host)) return badHost(host);
  if (length !== null && !/^\d+$/.test(length)) return badRequest("The Content-Length is not one number.");
  const announcesBody = (length !== null && length !== "0") || headers.has("transfer-encoding");
  if (announcesBody && (method === "GET" || method === "HEAD")) {
    // No runtime's fetch sends one, and to drop it would change what was asked.
    return notImplemented(`A ${method} with a body cannot be forwarded.`);
  }
  stripHopByHop(headers);
  // The server answered it already; a second 100 would reach nobody.
  headers.delete("expect");
  if (host === null) headers.set("host", hostOf(url));
  describeClient(headers, client, host ?? hostOf(url), rules);
  return new Outbound(method, target, headers, length === null ? -1 : Number(length), announcesBody);
}

function describeClient(
  headers: Headers,
  client: ClientInfo | undefined,
  host: string,
  rules: ForwardingRules,
): void {
  if (client === undefined) {
    stripForwarding(headers);
    headers.append("via", VIA);
    return;
  }
  // RFC 7239 §6.2, for peers without an address, as on a Unix socket.
  const address = client.address || "unknown";
  const isTrusted = isInAny(rules.trustedProxies, address);
  setForwarding(headers, { address, host, proto: client.tls ? "https" : "http", isTrusted }, rules.forwarded);
  headers.append("via", client.protocol === "1.1" ? VIA : `${client.protocol} ${PSEUDONYM}`);
}

function badHost(host: string): Problem {
  const isRepeated = host.includes(",");
  return badRequest(
    isRepeated ? "The request has more than one Host." : "The Host is not a name or address.",
  );
}

function methodNotAllowed(method: string): Problem {
  const allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  return { status: 405, title: "Method Not Allowed", detail: `${method} is not forwarded.`, allow };
}

function hostOf(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.indexOf("/", start);
  return url.slice(start, end < 0 ? undefined : end);
}

/**
 * Takes over the request's body. Only a body that has to be waited for makes it a promise, which rejects
 * if the body breaks.
 */
export function takeBody(request: Request, outbound: Outbound): RequestBody | Promise<RequestBody> {
  const { method, announcedBytes } = outbound;
  if (method === "GET" || method === "HEAD") return NO_BODY;
  const { body } = request;
  if (body === null || announcedBytes === 0) return NO_BODY;
  if (request.bodyUsed || body.locked)
    return Promise.reject(new TypeError("the request's body was read before"));
  if (announcedBytes > 0 && announcedBytes <= REPLAY_LIMIT_BYTES) return readWhole(request);
  const streamed = new StreamedBody(body);
  if (outbound.announcesBody) return streamed;
  // HTTP/2 announces no length; a runtime's server may also show an empty stream where nothing was sent.
  return streamed.hasBytes().then((any) => (any ? streamed : NO_BODY));
}

async function readWhole(request: Request): Promise<RequestBody> {
  return completeBody(new Uint8Array(await request.arrayBuffer()));
}
