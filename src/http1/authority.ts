import { COLON, FOLD, HOST, isDigit } from "./characters.ts";

/** `host[:port]`, as it stands in `Host` and in targets (RFC 3986 §3.2, RFC 9110 §7.2). */

/**
 * Where the bytes from `start` on stop being those of an authority, at `end` at the latest. User information
 * is no part of one here: it has no business in HTTP (RFC 9110 §4.2.4).
 */
export function authorityEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && HOST[bytes[at] as number] === 1) at++;
  return at;
}

/**
 * Whether these bytes are an authority that names a host, and behind a colon has nothing but a port: to `a:b` routes and
 * backends could see different hosts.
 */
export function isAuthority(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (bytes[start] === OPENING_BRACKET) {
    at = literalEnd(bytes, start, end);
    if (at < 0 || (at < end && bytes[at] !== COLON)) return false;
  }
  for (; at < end && bytes[at] !== COLON; at++) if (HOST[bytes[at] as number] !== 1) return false;
  if (at === start) return false;
  for (at++; at < end; at++) if (!isDigit(bytes[at] as number)) return false;
  return true;
}

/** Where an address in brackets ends (RFC 3986 §3.2.2); -1 if it does not. */
function literalEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end && HOST[bytes[at] as number] === 1; at++) {
    if (bytes[at] === CLOSING_BRACKET) return at + 1;
  }
  return -1;
}

/** Whether an authority says its port, as it must where none goes without saying (RFC 9112 §3.2.3). */
export function hasPort(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  while (at > start && isDigit(bytes[at - 1] as number)) at--;
  return at < end && at > start && bytes[at - 1] === COLON;
}

/** Whether two authorities of `http` in the same bytes are the same (RFC 9110 §4.2.3). */
export function isSameAuthority(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  const length = withoutDefaultPort(bytes, start, end) - start;
  if (length !== withoutDefaultPort(bytes, otherStart, otherEnd) - otherStart) return false;
  for (let index = 0; index < length; index++) {
    if (FOLD[bytes[start + index] as number] !== FOLD[bytes[otherStart + index] as number]) return false;
  }
  return true;
}

/** Where an authority ends without `:80`, or a colon with no port behind it, which mean the same as nothing. */
function withoutDefaultPort(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[end - 1] === COLON) return end - 1;
  const colon = end - 3;
  const isDefault = bytes[colon] === COLON && bytes[colon + 1] === EIGHT && bytes[colon + 2] === ZERO;
  return isDefault && colon > start ? colon : end;
}

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const EIGHT = 0x38;
const ZERO = 0x30;
