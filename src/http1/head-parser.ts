import { COLON, CR, isBlank, LF, LINE, TOKEN } from "./characters.ts";
import { badField, controlByte } from "./head-mistakes.ts";
import { latin1Text } from "./latin1.ts";
import type { Limits } from "./limits.ts";
import { Malformed, MalformedKind } from "./malformed.ts";
import type { StartLine } from "./start-line.ts";

/** Where a field's name and value begin and end: four offsets a field. */
const OFFSETS = 4;
/** Room for this many fields at first. */
const USUAL_FIELDS = 16;
const CRLF_BYTES = 2;

/** In place of a colon's offset: the line is a field's, and its name goes on as far as was read. */
const NOT_YET = -1;
/** The line is the first one, or no field, as will be said when it has ended. */
const NONE = -2;

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
  /** Where the colon behind the name is in the line that is read. */
  #colon = NOT_YET;
  #needsStartLine: boolean;
  #text: string | undefined;

  /** @param startLine Reads the first line; undefined for a trailer section, which has none. */
  constructor(limits: Limits, startLine?: StartLine) {
    this.#limits = limits;
    this.#startLine = startLine;
    this.#needsStartLine = startLine !== undefined;
    this.#colon = this.#needsStartLine ? NONE : NOT_YET;
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
    this.#colon = this.#needsStartLine ? NONE : NOT_YET;
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
    return this.slice(this.nameStart(field), this.nameEnd(field));
  }

  /** The value of a field, without the white space around it (RFC 9110 §5.5). */
  value(field: number): string {
    return this.slice(this.valueStart(field), this.valueEnd(field));
  }

  /** The value of the first field of this name, which is in lower case; null if there is none. */
  get(name: string): string | null {
    for (let field = 0; field < this.#fieldCount; field++) {
      if (this.nameEnd(field) - this.nameStart(field) !== name.length) continue;
      if (this.name(field).toLowerCase() === name) return this.value(field);
    }
    return null;
  }

  /** Part of the head as a string, by offsets into `bytes`. */
  slice(start: number, end: number): string {
    // One decoding for the whole head: the slices of a string share its memory.
    this.#text ??= latin1Text(this.#bytes, this.#start, this.#position);
    return this.#text.slice(start - this.#start, end - this.#start);
  }

  /** What all offsets point into: the bytes that the head came in, or a buffer of the parser's own. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the head begins. */
  get start(): number {
    return this.#start;
  }

  /** Where the first field's line begins, or the empty line if there is no field. */
  get fieldsStart(): number {
    return this.#fieldCount > 0 ? this.nameStart(0) : this.#position - CRLF_BYTES;
  }

  /** Where the head ends, its empty line included. In pieces, it is another index than `push` returned. */
  get end(): number {
    return this.#position;
  }

  /** Where a field's line begins. */
  lineStart(field: number): number {
    return this.nameStart(field);
  }

  /** Where a field's line ends, its CRLF included: the next line begins there. */
  lineEnd(field: number): number {
    return field + 1 < this.#fieldCount ? this.nameStart(field + 1) : this.#position - CRLF_BYTES;
  }

  /** Where a field's name begins. */
  nameStart(field: number): number {
    return this.#offsets[field * OFFSETS] as number;
  }

  /** Where a field's name ends: its colon is there. */
  nameEnd(field: number): number {
    return this.#offsets[field * OFFSETS + 1] as number;
  }

  /** Where a field's value begins, behind the white space before it. */
  valueStart(field: number): number {
    return this.#offsets[field * OFFSETS + 2] as number;
  }

  /** Where a field's value ends, before the white space behind it. */
  valueEnd(field: number): number {
    return this.#offsets[field * OFFSETS + 3] as number;
  }

  #scan(length: number): boolean {
    const { lineBytes, headBytes } = this.#limits;
    const bytes = this.#bytes;
    let at = this.#position;
    for (;;) {
      // Nothing beyond a limit is looked at, or the verdict would depend on how the bytes were cut.
      const stop = Math.min(length, this.#lineStart + lineBytes, this.#start + headBytes);
      if (this.#colon === NOT_YET) {
        while (at < stop && TOKEN[bytes[at] as number] === 1) at++;
        if (at < stop) this.#colon = bytes[at] === COLON ? at : NONE;
      }
      while (at < stop && LINE[bytes[at] as number] === 1) at++;
      if (at + 1 >= stop || bytes[at] !== CR || bytes[at + 1] !== LF) {
        this.#position = at;
        return this.#stopped(at, stop, length);
      }
      this.#position = at + CRLF_BYTES;
      if (this.#line(this.#lineStart, at)) return true;
      at += CRLF_BYTES;
      this.#lineStart = at;
    }
  }

  /** The line ends neither here nor, if it is false, before more bytes come. */
  #stopped(at: number, stop: number, length: number): false {
    const bytes = this.#bytes;
    if (this.#needsStartLine) this.#startLine?.foresee(bytes, this.#lineStart, at);
    if (at < stop && bytes[at] !== CR) throw new Malformed(controlByte(bytes[at] as number));
    if (at + 1 < stop) throw new Malformed("a CR stands alone");
    if (stop === length) return false;
    const tooLong = this.#needsStartLine ? MalformedKind.targetTooLong : MalformedKind.headTooLarge;
    throw new Malformed(stop === this.#start + this.#limits.headBytes ? LONG_HEAD : LONG_LINE, tooLong);
  }

  /** Takes a whole line; true if it was the empty one that ends the head. */
  #line(start: number, end: number): boolean {
    if (this.#needsStartLine) {
      const isFirst = start === this.#start;
      if (start === end && isFirst && this.#startLine?.mayFollowEmptyLine === true) return false;
      this.#startLine?.read(this.#bytes, start, end);
      this.#needsStartLine = false;
      this.#colon = NOT_YET;
      return false;
    }
    if (start === end) return true;
    this.#field(start, this.#colon, end);
    this.#colon = NOT_YET;
    return false;
  }

  #field(start: number, colon: number, end: number): void {
    const bytes = this.#bytes;
    if (colon <= start) throw new Malformed(badField(bytes, start, end));
    let valueStart = colon + 1;
    let valueEnd = end;
    while (valueStart < end && isBlank(bytes[valueStart] as number)) valueStart++;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    if (this.#fieldCount >= this.#limits.fields) {
      throw new Malformed("the head has too many fields", MalformedKind.headTooLarge);
    }
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
    if (this.#colon > NOT_YET) this.#colon -= from;
    this.#startLine?.move(-from);
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
