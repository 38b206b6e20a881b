import { latin1Text } from "./latin1.ts";

/** The methods of RFC 9110 §9 and RFC 5789, the most common first. */
const KNOWN = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"] as const;

/** A method that stands from `start` up to `end`. For a known one no string is made. */
export function methodAt(bytes: Uint8Array, start: number, end: number): string {
  for (const method of KNOWN) {
    if (method.length === end - start && isAt(method, bytes, start)) return method;
  }
  return latin1Text(bytes, start, end);
}

/** Methods are case-sensitive (RFC 9110 §9.1). */
function isAt(method: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < method.length; index++) {
    if (bytes[start + index] !== method.charCodeAt(index)) return false;
  }
  return true;
}
