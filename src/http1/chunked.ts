import { CR, HEX, HTAB, LF, LINE, SEMICOLON, SP } from "./characters.ts";
import { HeadParser } from "./head-parser.ts";
import type { Limits } from "./limits.ts";
import { Malformed, MalformedKind } from "./malformed.ts";

const Part = {
  size: 0,
  extension: 1,
  sizeLf: 2,
  data: 3,
  dataCr: 4,
  dataLf: 5,
  trailers: 6,
  done: 7,
} as const;

/** Sixteen digits hold every size that can be counted exactly, and many leading zeros. */
const SIZE_DIGITS = 16;

/**
 * Reads a chunked body (RFC 9112 §7.1) piece by piece: says which bytes are data, and where the body ends.
 * Extensions are read over (§7.1.1) and trailers checked and kept in `trailers` (§7.1.2). One that wants the
 * data calls `advance`; one that passes the body on as it is calls `pass`, and `readTrailers` at its end.
 *
 * One decoder reads one body after another. It keeps no data.
 */
export class ChunkedDecoder {
  readonly #limits: Limits;
  #trailers: HeadParser | undefined;
  #part: (typeof Part)[keyof typeof Part] = Part.size;
  #size = 0;
  #digits = 0;
  #left = 0;
  #extensionBytes = 0;
  #sawSemicolon = false;
  /** Where the data of the last `advance` begins, in the bytes it was given. */
  dataStart = 0;
  /** Where it ends; the same as `dataStart` if there was none. */
  dataEnd = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Begins another body. */
  reset(): void {
    this.#part = Part.size;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailers?.reset();
  }

  /** True once the body, its trailers included, was read to its end. */
  get isDone(): boolean {
    return this.#part === Part.done;
  }

  /** True if all data was read, and the trailer section was not, or not all of it. */
  get isAtTrailers(): boolean {
    return this.#part === Part.trailers;
  }

  /** The trailer fields once the body is done; undefined if no body had any part of a trailer section yet. */
  get trailers(): HeadParser | undefined {
    return this.#trailers;
  }

  /**
   * Reads on from `from`, but no further than the end of the next piece of data.
   *
   * @returns How far it read. There is more to read in these bytes if that is not all and the body is not done.
   * @throws Malformed
   */
  advance(bytes: Uint8Array, from: number): number {
    this.dataStart = from;
    this.dataEnd = from;
    let at = from;
    while (at < bytes.length && this.#part < Part.trailers) {
      if (this.#part === Part.data) {
        this.dataStart = at;
        this.dataEnd = this.#skipData(at, bytes.length);
        return this.dataEnd;
      }
      this.#framingByte(bytes[at] as number);
      at++;
    }
    return this.#part === Part.trailers && at < bytes.length ? this.readTrailers(bytes, at) : at;
  }

  /**
   * Reads on from `from` through as many chunks as there are, but not into the trailer section, which may have
   * fields that concern one hop only (RFC 9110 §6.5.1) and is left to `readTrailers`.
   *
   * @returns How far it read. What was read is right so far, and may be passed on as it is.
   * @throws Malformed
   */
  pass(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#part < Part.trailers) {
      if (this.#part === Part.data) {
        at = this.#skipData(at, bytes.length);
      } else {
        this.#framingByte(bytes[at] as number);
        at++;
      }
    }
    return at;
  }

  /**
   * Reads on from `from` in the trailer section. After that, if the body is done, the fields are in `trailers`.
   *
   * @returns How far it read.
   * @throws Malformed
   */
  readTrailers(bytes: Uint8Array, from: number): number {
    this.#trailers ??= new HeadParser(this.#limits);
    const end = this.#trailers.push(bytes, from);
    if (end < 0) return bytes.length;
    this.#part = Part.done;
    return end;
  }

  /** Takes what is there of a chunk's data, and says where that ends. */
  #skipData(from: number, to: number): number {
    const end = Math.min(to, from + this.#left);
    this.#left -= end - from;
    if (this.#left === 0) this.#part = Part.dataCr;
    return end;
  }

  #framingByte(byte: number): void {
    switch (this.#part) {
      case Part.size:
        this.#sizeByte(byte);
        break;
      case Part.extension:
        this.#extensionByte(byte);
        break;
      case Part.sizeLf:
        if (byte !== LF) throw new Malformed("a chunk's size is not followed by CRLF");
        this.#endSize();
        break;
      case Part.dataCr:
        if (byte !== CR) throw new Malformed(UNENDED);
        this.#part = Part.dataLf;
        break;
      default:
        if (byte !== LF) throw new Malformed(UNENDED);
        this.#part = Part.size;
    }
  }

  #sizeByte(byte: number): void {
    const digit = HEX[byte] as number;
    if (digit < 16) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      // A size that wraps around somewhere down the line ends there at another place than here.
      if (this.#digits > SIZE_DIGITS || this.#size > Number.MAX_SAFE_INTEGER) {
        throw new Malformed("a chunk is too large", MalformedKind.bodyTooLarge);
      }
      return;
    }
    if (this.#digits === 0) throw new Malformed("a chunk has no size");
    if (byte === CR) {
      this.#part = Part.sizeLf;
    } else {
      this.#part = Part.extension;
      this.#sawSemicolon = false;
      this.#extensionByte(byte);
    }
  }

  #extensionByte(byte: number): void {
    if (byte === CR) {
      if (!this.#sawSemicolon) throw new Malformed(BAD_SIZE);
      this.#part = Part.sizeLf;
      return;
    }
    if (byte === SEMICOLON) this.#sawSemicolon = true;
    else if (!this.#sawSemicolon && byte !== SP && byte !== HTAB) throw new Malformed(BAD_SIZE);
    else if (LINE[byte] === 0) throw new Malformed("a chunk extension has a control byte");
    this.#extensionBytes += 1;
    if (this.#extensionBytes > this.#limits.extensionBytes) {
      throw new Malformed("the chunk extensions are too long", MalformedKind.bodyTooLarge);
    }
  }

  #endSize(): void {
    this.#left = this.#size;
    this.#part = this.#size === 0 ? Part.trailers : Part.data;
    this.#size = 0;
    this.#digits = 0;
  }
}

const BAD_SIZE = "a chunk's size is not a hexadecimal number";
const UNENDED = "a chunk's data is not followed by CRLF";
