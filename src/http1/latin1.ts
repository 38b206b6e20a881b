import { Buffer } from "node:buffer";

/**
 * Heads are bytes, and a string has a character for each (RFC 9110 §5.5, obs-text). `TextDecoder` cannot do
 * it: what it calls latin1 is windows-1252.
 */

/** Node's `Buffer` has these on its prototype; they work on every `Uint8Array`. */
interface Latin1Methods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1Methods;

/** The bytes from `start` up to `end` as a string. */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

/** The bytes of a string whose characters are all below 256. */
export function latin1Bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
