import type { RequestReader } from "./request-reader.ts";

/**
 * Whether a request asks for exactly this path, be it with a query.
 *
 * @param path As bytes; empty for none.
 */
export function asksFor(path: Uint8Array, { head, fields }: RequestReader): boolean {
  const { start: targetStart, end: targetEnd } = head.target;
  const end = targetStart + path.length;
  if (path.length === 0 || end > targetEnd) return false;
  const { bytes } = fields;
  for (let index = 0; index < path.length; index++) {
    if (bytes[targetStart + index] !== path[index]) return false;
  }
  return end === targetEnd || bytes[end] === QUESTION_MARK;
}

const QUESTION_MARK = 0x3f;
