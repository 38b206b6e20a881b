import { COLON, isBlank, LF, TOKEN } from "./characters.ts";

/** What is wrong with a head, in words: for when it is too late to be quick. */

/** What a byte does wrong that no line of a head may have. */
export function controlByte(byte: number): string {
  return byte === LF
    ? "an LF stands alone"
    : `a head has the control byte 0x${byte.toString(16).padStart(2, "0")}`;
}

/** Why the line from `start` up to `end` is no field: its name is not a token with a colon behind it. */
export function badField(bytes: Uint8Array, start: number, end: number): string {
  if (isBlank(bytes[start] as number)) return "a field is folded";
  let stoppedAt = start;
  while (stoppedAt < end && TOKEN[bytes[stoppedAt] as number] === 1) stoppedAt++;
  if (stoppedAt === end) return "a field has no colon";
  if (bytes[stoppedAt] === COLON) return "a field has no name";
  return isBlank(bytes[stoppedAt] as number)
    ? "a field's name is followed by white space"
    : "a field's name has a character that none may have";
}
