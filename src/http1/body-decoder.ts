import { ChunkedDecoder } from "./chunked.ts";
import { type BodyLength, CHUNKED, UNTIL_CLOSE } from "./framing.ts";
import type { HeadParser } from "./head-parser.ts";
import type { Limits } from "./limits.ts";

/**
 * Finds a body's bytes in those of a connection, however the body is framed (RFC 9112 §6): which are data,
 * and where the next message would begin. One decoder reads one body after another. It keeps no data.
 */
export class BodyDecoder {
  readonly #limits: Limits;
  #chunked: ChunkedDecoder | undefined;
  #length: BodyLength = 0;
  #left = 0;
  /** Where the data of the last `advance` begins, in the bytes it was given. */
  dataStart = 0;
  /** Where it ends; the same as `dataStart` if there was none. */
  dataEnd = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Begins a body of this length. */
  begin(length: BodyLength): void {
    this.#length = length;
    this.#left = length;
    if (length !== CHUNKED) return;
    this.#chunked ??= new ChunkedDecoder(this.#limits);
    this.#chunked.reset();
  }

  /** True once the body was read to its end. One that ends with the connection never is. */
  get isDone(): boolean {
    return this.#length === CHUNKED ? this.#chunked?.isDone === true : this.#left === 0;
  }

  /** True if the end of the connection now is the end of the body, and does not cut it. */
  get mayEndHere(): boolean {
    return this.#length === UNTIL_CLOSE || this.isDone;
  }

  /**
   * Reads on from `from`, but no further than the end of the next piece of data.
   *
   * @returns How far it read. There is more to read if that is not all and the body is not done.
   * @throws Malformed
   */
  advance(bytes: Uint8Array, from: number): number {
    if (this.#length === CHUNKED && this.#chunked !== undefined) {
      const end = this.#chunked.advance(bytes, from);
      this.dataStart = this.#chunked.dataStart;
      this.dataEnd = this.#chunked.dataEnd;
      return end;
    }
    this.dataStart = from;
    this.dataEnd = this.#skip(bytes, from);
    return this.dataEnd;
  }

  /**
   * Reads on from `from` to the end of the bytes, of the body or of its chunks, whichever comes first: for one
   * that passes the body on as it came. Trailers are not passed over but left to `readTrailers`.
   *
   * @returns How far it read: so far the bytes may be passed on as they are, framing included.
   * @throws Malformed
   */
  pass(bytes: Uint8Array, from: number): number {
    if (this.#length === CHUNKED && this.#chunked !== undefined) return this.#chunked.pass(bytes, from);
    return this.#skip(bytes, from);
  }

  /** True if `pass` came to the trailer section of a chunked body, and that was not read to its end. */
  get isAtTrailers(): boolean {
    return this.#length === CHUNKED && this.#chunked?.isAtTrailers === true;
  }

  /**
   * Reads on from `from` in the trailer section, if the body `isAtTrailers`.
   *
   * @returns How far it read. Once the body is done, `trailers` has the fields.
   * @throws Malformed
   */
  readTrailers(bytes: Uint8Array, from: number): number {
    return this.isAtTrailers && this.#chunked !== undefined ? this.#chunked.readTrailers(bytes, from) : from;
  }

  /**
   * The trailer fields of a chunked body that is done; undefined for any other. They hold until the next `begin`,
   * as long as nobody changes the bytes that they came in.
   */
  get trailers(): HeadParser | undefined {
    return this.#length === CHUNKED && this.isDone ? this.#chunked?.trailers : undefined;
  }

  /** Takes what is there of a body that is not chunked, and says where that ends. */
  #skip(bytes: Uint8Array, from: number): number {
    if (this.#length === UNTIL_CLOSE) return bytes.length;
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    return end;
  }
}
