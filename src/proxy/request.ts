import { type Cidr, isInAny } from "../config/cidr.ts";
import { namedByConnection } from "../http1/hop-by-hop.ts";
import { originsOf, type RequestOrigins } from "./changed-request.ts";
import type { ClientInfo } from "./client.ts";
import { addedFields, FROM_STRANGERS, FROM_TRUSTED, type Origin, VOUCHABLE } from "./headers.ts";
import { isForwarded } from "./methods.ts";
import { Outbound, type OutboundFields } from "./outbound.ts";
import { badRequest, methodNotAllowed, notImplemented, type Problem } from "./problem.ts";
import { completeBody, NO_BODY, type RequestBody, StreamedBody } from "./request-body.ts";

/** What of the config decides how a request is passed on. */
export interface ForwardingRules {
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
}

/** The longest body of known length, in bytes, that is read before it is sent on. */
const READ_FIRST_BYTES = 65_536;

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
  if (!isForwarded(method)) return methodNotAllowed(method);
  const { headers } = request;
  const named = headers.get("host");
  const length = headers.get("content-length");
  // A runtime joins repeated fields with commas; each of these may be there once (RFC 9112 §3.2, §6.3).
  if (named !== null && !/^[^\s,/\\?#@]+$/.test(named)) return badHost(named);
  if (length !== null && !/^\d+$/.test(length)) return badRequest("The Content-Length is not one number.");
  const announcesBody = (length !== null && length !== "0") || headers.has("transfer-encoding");
  if (announcesBody && (method === "GET" || method === "HEAD")) {
    // No runtime's fetch sends one, and to drop it would change what was asked.
    return notImplemented(`A ${method} with a body cannot be forwarded.`);
  }
  const host = named ?? hostOf(url);
  const origins = originsOf(request);
  // Backends are to learn what the client asked for, which is not what the config made of it.
  const askedHost = origins === undefined ? host : (origins.clientHost ?? hostOf(url));
  const fields = outboundFields(headers, client, askedHost, rules);
  if (named === null) fields.added.push("host", host);
  if (origins !== undefined && origins.vouched.length > 0) vouchFor(headers, origins, fields);
  return new Outbound(method, target, fields, length === null ? -1 : Number(length), announcesBody);
}

/** What `outboundFields` works out, while it can still be changed. */
interface FieldsInTheMaking extends OutboundFields {
  alsoDropped: readonly string[];
  readonly added: string[];
}

/**
 * Lets pass what the config has set: a client must neither keep it from the backend, by naming it in
 * `Connection`, nor be taken for who wrote it.
 */
function vouchFor(headers: Headers, { vouched }: RequestOrigins, fields: FieldsInTheMaking): void {
  if (fields.alsoDropped.length > 0) {
    fields.alsoDropped = fields.alsoDropped.filter((name) => !vouched.includes(name));
  }
  for (const name of vouched) {
    const value = fields.dropped.has(name) && VOUCHABLE.has(name) ? headers.get(name) : null;
    if (value !== null) fields.added.push(name, value);
  }
}

function outboundFields(
  source: Headers,
  client: ClientInfo | undefined,
  host: string,
  rules: ForwardingRules,
): FieldsInTheMaking {
  const alsoDropped = namedByConnection(source.get("connection"));
  const protocol = client?.protocol ?? "1.1";
  if (client === undefined) {
    const added = addedFields(source, protocol, undefined, false, false);
    return { source, dropped: FROM_STRANGERS, alsoDropped, added };
  }
  // RFC 7239 §6.2, for peers without an address, as on a Unix socket.
  const address = client.address || "unknown";
  const origin: Origin = { address, host, proto: client.tls ? "https" : "http" };
  const isTrusted = isInAny(rules.trustedProxies, address);
  const added = addedFields(source, protocol, origin, isTrusted, rules.forwarded);
  const dropped = isTrusted ? FROM_TRUSTED : FROM_STRANGERS;
  return {
    source,
    dropped,
    alsoDropped: rules.forwarded ? [...alsoDropped, "forwarded"] : alsoDropped,
    added,
  };
}

function badHost(host: string): Problem {
  const isRepeated = host.includes(",");
  return badRequest(
    isRepeated ? "The request has more than one Host." : "The Host is not a name or address.",
  );
}

function hostOf(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.indexOf("/", start);
  return url.slice(start, end < 0 ? undefined : end);
}

/**
 * Takes over the request's body. Only a body that has to be waited for makes it a promise, which rejects
 * if the body breaks.
 *
 * @param replayLimitBytes The most of it that is kept in memory for another try; 0 is nothing.
 */
export function takeBody(
  request: Request,
  outbound: Outbound,
  replayLimitBytes: number,
): RequestBody | Promise<RequestBody> {
  const { method, announcedBytes } = outbound;
  if (method === "GET" || method === "HEAD") return NO_BODY;
  const { body } = request;
  if (body === null || announcedBytes === 0) return NO_BODY;
  if (request.bodyUsed || body.locked)
    return Promise.reject(new TypeError("the request's body was read before"));
  if (announcedBytes > 0 && announcedBytes <= READ_FIRST_BYTES) {
    return readWhole(request, announcedBytes <= replayLimitBytes);
  }
  const streamed = new StreamedBody(body, replayLimitBytes);
  if (outbound.announcesBody) return streamed;
  // HTTP/2 announces no length; a runtime's server may also show an empty stream where nothing was sent.
  return streamed.hasBytes().then((any) => (any ? streamed : NO_BODY));
}

async function readWhole(request: Request, replayable: boolean): Promise<RequestBody> {
  return completeBody(new Uint8Array(await request.arrayBuffer()), replayable);
}
