import { type BodyLength, CHUNKED } from "./framing.ts";
import { latin1Bytes } from "./latin1.ts";

/** What a request says cannot be written so that every reader reads the same. */
export class Unwritable extends Error {
  override readonly name = "Unwritable";
}

/** The request has no body and says nothing of a length. */
export const NO_BODY: BodyLength = -3;

/** `token` (RFC 9110 §5.6.2), which a method is. */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible bytes: with a space or a CRLF in it, a target would end the request line (RFC 9112 §3.2). */
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;

/**
 * The head of a request (RFC 9112 §3, §5) as bytes: `Host` first (RFC 9110 §7.2), then the other fields as
 * they come, and nothing that is not among them but the field that frames the body.
 *
 * @param headers End-to-end fields. A `Transfer-Encoding` is left out: that is this connection's business.
 * @param body What is going to be sent: its length in bytes, `CHUNKED` or `NO_BODY`. If `Content-Length` is
 *   there, it is this length.
 * @throws Unwritable if method or target would break the request line.
 */
export function requestHead(method: string, target: string, headers: Headers, body: BodyLength): Buffer {
  return latin1Bytes(requestHeadText(method, target, headers, body));
}

function requestHeadText(method: string, target: string, headers: Headers, body: BodyLength): string {
  if (!METHOD.test(method)) throw new Unwritable("the method is not a token");
  if (!TARGET.test(target)) throw new Unwritable("the target has a character that none may have");
  hostLine = "";
  lines = "";
  saysLength = false;
  headers.forEach(addLine);
  if (body === CHUNKED) lines += "transfer-encoding: chunked\r\n";
  else if (body >= 0 && !saysLength) lines += `content-length: ${body}\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${hostLine}${lines}\r\n`;
}

// What `addLine` adds to. A function made anew for each head, to hold these, costs more than the rest of it.
let hostLine = "";
let lines = "";
let saysLength = false;

function addLine(value: string, name: string): void {
  if (name === "host") {
    hostLine = `host: ${value}\r\n`;
  } else if (name !== "transfer-encoding") {
    if (name === "content-length") saysLength = true;
    lines += `${name}: ${value}\r\n`;
  }
}

/** One chunk of a chunked body, framed (RFC 9112 §7.1). `data` is not empty: an empty chunk is the last. */
export function chunkOf(data: Uint8Array): Uint8Array {
  const size = data.length.toString(16);
  const framed = new Uint8Array(size.length + data.length + 4);
  for (let index = 0; index < size.length; index++) framed[index] = size.charCodeAt(index);
  framed.set(CRLF, size.length);
  framed.set(data, size.length + 2);
  framed.set(CRLF, size.length + 2 + data.length);
  return framed;
}

const CRLF = Uint8Array.of(0x0d, 0x0a);

/** The last chunk and an empty trailer section. */
export const LAST_CHUNK: Uint8Array = Uint8Array.of(0x30, 0x0d, 0x0a, 0x0d, 0x0a);
