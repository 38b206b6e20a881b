import { COLON, CR, HTAB, LF, LINE, SP, TOKEN } from "./characters.ts";
import { latin1Text } from "./latin1.ts";
import type { Limits } from "./limits.ts";
import { Malformed } from "./malformed.ts";
import type { StartLine } from "./start-line.ts";

/** Where a field's name and value begin and end: four offsets a field. */
const OFFSETS = 4;
/** Room for this many fields at first. */
const USUAL_FIELDS = 16;

/**
 * Reads a head, line by line, as its bytes come: a start line and fields up to the empty line, or the fields
 * alone of a trailer section (RFC 9112 §2.1, §5, §7.1.2). One parser reads one head after another.
 *
 * It keeps offsets and makes strings only when asked. A head that comes whole is read where it is; one that
 * comes in pieces is put together in a buffer of the parser's own. What it says of some bytes does not depend
 * on how they were cut.
 *
 * Stricter than RFC 9112 makes it be: lines end in CRLF and in nothing else (§2.2 would allow a bare LF),
 * and folded lines are refused (§5.2 would allow to unfold them).
 */
export class HeadParser {
  readonly #limits: Limits;
  readonly #startLine: StartLine | undefined;
  #offsets = new Int32Array(USUAL_FIELDS * OFFSETS);
  #fieldCount = 0;
  /** What the offsets point into: the caller's bytes, or `#held`. */
  #bytes: Uint8Array = EMPTY;
  /** The pieces of a head that does not come at once. */
  #held: Uint8Array = EMPTY;
  #heldBytes = 0;
  #start = 0;
  #lineStart = 0;
  #position = 0;
  #needsStartLine: boolean;
  #text: string | undefined;

  /** @param startLine Reads the first line; undefined for a trailer section, which has none. */
  constructor(limits: Limits, startLine?: StartLine) {
    this.#limits = limits;
    this.#startLine = startLine;
    this.#needsStartLine = startLine !== undefined;
  }

  /** Forgets what was read: the next bytes begin another head. */
  reset(): void {
    this.#fieldCount = 0;
    this.#bytes = EMPTY;
    this.#heldBytes = 0;
    this.#start = 0;
    this.#lineStart = 0;
    this.#position = 0;
    this.#needsStartLine = this.#startLine !== undefined;
    this.#text = undefined;
    // One long head must not cost memory for as long as the connection lives.
    if (this.#held.length > HELD_BYTES_KEPT) this.#held = EMPTY;
  }

  /** True if part of a head came, and not all of it. */
  get isBegun(): boolean {
    return this.#position > this.#start || this.#heldBytes > 0;
  }

  /**
   * Reads on.
   *
   * @param from Where in `bytes` to begin.
   * @returns Where the head ended, as an index into `bytes`; -1 if it did not. Once it has, the parser can be
   *   asked for what it read until `reset`, as long as nobody changes the bytes.
   * @throws Malformed if it is no head, or one beyond the limits.
   */
  push(bytes: Uint8Array, from: number): number {
    if (this.#heldBytes > 0) return this.#pushHeld(bytes, from);
    this.#bytes = bytes;
    this.#start = from;
    this.#lineStart = from;
    this.#position = from;
    if (this.#scan(bytes.length)) return this.#position;
    this.#hold(bytes, from);
    return -1;
  }

  /** How many fields there are. Repeated names are fields of their own. */
  get fieldCount(): number {
    return this.#fieldCount;
  }

  /** The name of a field, as it was written. */
  name(field: number): string {
    return this.#slice(this.#offset(field, 0), this.#offset(field, 1));
  }

  /** The value of a field, without the white space around it (RFC 9110 §5.5). */
  value(field: number): string {
    return this.#slice(this.#offset(field, 2), this.#offset(field, 3));
  }

  /** How long a field's name is: tells most names apart without looking at them. */
  nameLength(field: number): number {
    return this.#offset(field, 1) - this.#offset(field, 0);
  }

  /** Whether a field is called this. `name` is lower-case letters and hyphens, of the same length. */
  isNamed(field: number, name: string): boolean {
    const start = this.#offset(field, 0);
    for (let index = 0; index < name.length; index++) {
      if (((this.#bytes[start + index] as number) | 0x20) !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Part of the head as a string, by offsets that the start line was given. */
  slice(start: number, end: number): string {
    return this.#slice(start, end);
  }

  #slice(start: number, end: number): string {
    // One decoding for the whole head: the slices of a string share its memory.
    this.#text ??= latin1Text(this.#bytes, this.#start, this.#position);
    return this.#text.slice(start - this.#start, end - this.#start);
  }

  #offset(field: number, which: number): number {
    return this.#offsets[field * OFFSETS + which] as number;
  }

  #scan(length: number): boolean {
    const { lineBytes, headBytes } = this.#limits;
    const bytes = this.#bytes;
    for (;;) {
      // Nothing beyond a limit is looked at, or the verdict would depend on how the bytes were cut.
      const stop = Math.min(length, this.#lineStart + lineBytes, this.#start + headBytes);
      let at = this.#position;
      while (at < stop && LINE[bytes[at] as number] === 1) at++;
      this.#position = at;
      if (at + 1 < stop && bytes[at] === CR && bytes[at + 1] === LF) {
        this.#position = at + 2;
      } else {
        if (this.#needsStartLine) this.#startLine?.foresee(bytes, this.#lineStart, at);
        if (at < stop && bytes[at] !== CR) throw new Malformed(controlByte(bytes[at] as number));
        if (at + 1 < stop) throw new Malformed("a CR stands alone");
        if (stop === length) return false;
        throw new Malformed(stop === this.#start + headBytes ? LONG_HEAD : LONG_LINE);
      }
      if (this.#line(this.#lineStart, at)) return true;
      this.#lineStart = at + 2;
    }
  }

  /** Takes a whole line; true if it was the empty one that ends the head. */
  #line(start: number, end: number): boolean {
    if (this.#needsStartLine) {
      const isFirst = start === this.#start;
      if (start === end && isFirst && this.#startLine?.mayFollowEmptyLine === true) return false;
      this.#startLine?.read(this.#bytes, start, end);
      this.#needsStartLine = false;
      return false;
    }
    if (start === end) return true;
    this.#field(start, end);
    return false;
  }

  #field(start: number, end: number): void {
    const bytes = this.#bytes;
    let colon = start;
    while (colon < end && TOKEN[bytes[colon] as number] === 1) colon++;
    if (colon === start || colon === end || bytes[colon] !== COLON) {
      throw new Malformed(badField(bytes, start, colon, end));
    }
    let valueStart = colon + 1;
    let valueEnd = end;
    while (valueStart < end && isBlank(bytes[valueStart] as number)) valueStart++;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    if (this.#fieldCount >= this.#limits.fields) throw new Malformed("the head has too many fields");
    const index = this.#fieldCount * OFFSETS;
    if (index === this.#offsets.length) this.#growOffsets();
    this.#offsets[index] = start;
    this.#offsets[index + 1] = colon;
    this.#offsets[index + 2] = valueStart;
    this.#offsets[index + 3] = valueEnd;
    this.#fieldCount += 1;
  }

  #growOffsets(): void {
    const grown = new Int32Array(this.#offsets.length * 2);
    grown.set(this.#offsets);
    this.#offsets = grown;
  }

  /** Keeps the beginning of a head for when the rest comes. */
  #hold(bytes: Uint8Array, from: number): void {
    const length = bytes.length - from;
    if (length === 0) return;
    this.#reserve(length);
    this.#held.set(bytes.subarray(from), 0);
    this.#heldBytes = length;
    this.#bytes = this.#held;
    for (let index = 0; index < this.#fieldCount * OFFSETS; index++) {
      this.#offsets[index] = (this.#offsets[index] as number) - from;
    }
    this.#start -= from;
    this.#lineStart -= from;
    this.#position -= from;
  }

  #pushHeld(bytes: Uint8Array, from: number): number {
    const before = this.#heldBytes;
    // One more than the limit is enough to see that it is exceeded.
    const taken = Math.min(bytes.length - from, this.#limits.headBytes + 1 - before);
    this.#reserve(before + taken);
    this.#held.set(bytes.subarray(from, from + taken), before);
    this.#heldBytes = before + taken;
    this.#bytes = this.#held;
    return this.#scan(this.#heldBytes) ? from + this.#position - before : -1;
  }

  #reserve(length: number): void {
    if (this.#held.length >= length) return;
    const grown = new Uint8Array(Math.max(length, this.#held.length * 2, LEAST_HELD_BYTES));
    grown.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = grown;
  }
}

const EMPTY = new Uint8Array(0);
const LEAST_HELD_BYTES = 1024;
const HELD_BYTES_KEPT = 4096;
const LONG_HEAD = "the head is too long";
const LONG_LINE = "a line of the head is too long";

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function controlByte(byte: number): string {
  return byte === LF
    ? "an LF stands alone"
    : `a head has the control byte 0x${byte.toString(16).padStart(2, "0")}`;
}

function badField(bytes: Uint8Array, start: number, stoppedAt: number, end: number): string {
  if (isBlank(bytes[start] as number)) return "a field is folded";
  if (stoppedAt === end) return "a field has no colon";
  if (bytes[stoppedAt] === COLON) return "a field has no name";
  return isBlank(bytes[stoppedAt] as number)
    ? "a field's name is followed by white space"
    : "a field's name has a character that none may have";
}
