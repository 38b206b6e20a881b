import { HOP_BY_HOP } from "../http1/hop-by-hop.ts";
import { latin1Bytes } from "../http1/latin1.ts";
import { httpDate } from "../system.ts";
import { reasonOf } from "./reasons.ts";

const ENDING_HERE: ReadonlySet<string> = new Set([...HOP_BY_HOP, "content-length"]);

/** How a `Response` goes to a client. */
export interface ResponseFraming {
  /** Whether it has a body at all (RFC 9112 §6.3, rule 1). */
  readonly hasBody: boolean;
  /** What `Content-Length` says; undefined if it is not there. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
  /** Whether the connection takes another request afterwards. */
  readonly isKept: boolean;
  /** What `Connection` says, if anything. */
  readonly connection: "close" | "keep-alive" | undefined;
}

/**
 * How a response's body is framed: by its length if that is known, else in chunks, else by the close.
 *
 * @param isKept Whether the connection would take another request, for all else.
 */
export function responseFraming(
  response: Response,
  method: string,
  minorVersion: number,
  mayBeKept: boolean,
): ResponseFraming {
  const { status, headers, body } = response;
  const isBare = method === "HEAD" || status === 204 || status === 304;
  const said = headers.get("content-length");
  const length = said !== null && status !== 204 ? Number(said) : body === null && !isBare ? 0 : undefined;
  const hasBody = !isBare && body !== null;
  const isChunked = hasBody && length === undefined && minorVersion > 0;
  const isFramed = !hasBody || length !== undefined || isChunked;
  const isKept = mayBeKept && isFramed && headers.get("connection") !== "close";
  const connection = isKept ? (minorVersion === 0 ? "keep-alive" : undefined) : "close";
  return { hasBody, length, isChunked, isKept, connection };
}

/** The head of a `Response` as HTTP/1.1. */
export function responseHead(response: Response, framing: ResponseFraming): Uint8Array {
  const { status, headers } = response;
  let text = `HTTP/1.1 ${status} ${response.statusText || reasonOf(status)}\r\n`;
  headers.forEach((value, name) => {
    if (!ENDING_HERE.has(name)) text += `${name}: ${value}\r\n`;
  });
  if (!headers.has("date")) text += `date: ${httpDate()}\r\n`;
  if (framing.length !== undefined) text += `content-length: ${framing.length}\r\n`;
  if (framing.isChunked) text += "transfer-encoding: chunked\r\n";
  if (framing.connection !== undefined) text += `connection: ${framing.connection}\r\n`;
  return latin1Bytes(`${text}\r\n`);
}
