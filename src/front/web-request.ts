import type { HeadParser } from "../http1/head-parser.ts";
import { asciiTarget } from "../http1/uri-path.ts";
import { isForwarded } from "../proxy/methods.ts";
import { badRequest, methodNotAllowed, notImplemented, type Problem } from "../proxy/problem.ts";
import type { RequestReader } from "./request-reader.ts";

/**
 * A request as the web knows it.
 *
 * @param body Undefined if there is none.
 * @param signal Aborted when the client leaves.
 * @param isTls Whether the client's connection is TLS.
 * @returns What is wrong instead, if there can be no such `Request`.
 */
export function webRequest(
  reader: RequestReader,
  body: ReadableStream<Uint8Array> | undefined,
  signal: AbortSignal,
  isTls: boolean,
): Request | Problem {
  const { authority, fields, target } = reader;
  const { method } = reader.head;
  if (!isForwarded(method)) return methodNotAllowed(method);
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    return notImplemented(`A ${method} with a body cannot be forwarded.`);
  }
  if (authority === "") return badRequest("The request names no host.");
  // No URL says what `OPTIONS *` asks for (RFC 9112 §3.2.4), and `OPTIONS /` is another question.
  if (!target.startsWith("/")) return badRequest("The request's target is no path.");
  const headers = new Headers();
  for (let field = 0; field < fields.fieldCount; field++) addField(headers, fields, field);
  const url = `${isTls ? "https" : "http"}://${authority}${asciiTarget(target)}`;
  try {
    const init = { method, headers, signal, ...(body === undefined ? {} : { body, duplex: "half" }) };
    const request = new Request(url, init as RequestInit);
    // Bun makes a GET of a method that it does not know, and every runtime makes `get` one (Fetch §2.2.1).
    if (request.method !== method) return notImplemented(`The method ${method} cannot be forwarded.`);
    return request;
  } catch {
    return badRequest("The request's target or Host is no URL.");
  }
}

/** Not every runtime joins the lines of a repeated `Cookie` as only that field is joined (RFC 6265 §5.4). */
function addField(headers: Headers, fields: HeadParser, field: number): void {
  const name = fields.name(field);
  const value = fields.value(field);
  const before = name.length === COOKIE.length && name.toLowerCase() === COOKIE ? headers.get(COOKIE) : null;
  if (before === null) headers.append(name, value);
  else headers.set(COOKIE, `${before}; ${value}`);
}

const COOKIE = "cookie";
