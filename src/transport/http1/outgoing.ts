import { Outcome } from "../../core/outcome.ts";
import { type BodyLength, CHUNKED } from "../../http1/framing.ts";
import { Malformed } from "../../http1/malformed.ts";
import { NO_BODY, requestHead, Unwritable } from "../../http1/request-writer.ts";
import type { OutboundBody, OutboundRequest } from "../transport.ts";
import { Http1Failure } from "./failure.ts";

/** A request as bytes. */
export interface Outgoing {
  /** The head, and the body if it is in memory: one write. */
  readonly bytes: Uint8Array;
  /** The body, if it streams. */
  readonly stream: ReadableStream<Uint8Array> | null;
  /** How long the stream is, or `CHUNKED`. */
  readonly streamLength: BodyLength;
}

/**
 * Makes a request's bytes.
 *
 * @throws Http1Failure `requestBroken` if it cannot be written so that the backend reads what is meant: its
 *   body is not as long as its `Content-Length` says, or its request line would not be one line.
 */
export function outgoing(outbound: OutboundRequest): Outgoing {
  try {
    return written(outbound);
  } catch (error) {
    if (error instanceof Unwritable || error instanceof Malformed) {
      throw new Http1Failure(Outcome.requestBroken, error.message, error);
    }
    throw error;
  }
}

function written(outbound: OutboundRequest): Outgoing {
  const { method, target, announcedBytes } = outbound;
  // Its answer is not one message but the beginning of a tunnel (RFC 9110 §9.3.6).
  if (method === "CONNECT") throw new Unwritable("CONNECT is not forwarded");
  const body = outbound.body();
  const said = announcedBytes < 0 ? NO_BODY : announcedBytes;
  if (body === null) {
    if (said > 0) throw new Unwritable("there is no body, but a Content-Length");
    return { bytes: requestHead(method, target, outbound, NO_BODY), stream: null, streamLength: 0 };
  }
  const content = bytesOf(body);
  if (content instanceof ReadableStream) {
    const streamLength = said === NO_BODY ? CHUNKED : said;
    return { bytes: requestHead(method, target, outbound, streamLength), stream: content, streamLength };
  }
  if (said !== NO_BODY && said !== content.length)
    throw new Unwritable("the body has not its Content-Length");
  const head = requestHead(method, target, outbound, content.length);
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return { bytes, stream: null, streamLength: 0 };
}

function bytesOf(body: OutboundBody): Uint8Array | ReadableStream<Uint8Array> {
  if (body instanceof Uint8Array || body instanceof ReadableStream) return body;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  // Blob, FormData and URLSearchParams: the platform knows how to read them.
  return new Response(body).body as ReadableStream<Uint8Array>;
}
