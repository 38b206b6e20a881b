import { Buffer } from "node:buffer";

/** Node's `Buffer` has these on its prototype; they work on every `Uint8Array`, and make no view first. */
interface CopyMethods {
  copy(this: Uint8Array, target: Uint8Array, at: number, start: number, end: number): number;
  latin1Write(this: Uint8Array, text: string, at: number): number;
}

const { copy, latin1Write } = Buffer.prototype as unknown as CopyMethods;

/** Shorter pieces are copied faster byte by byte than by a call out of the engine. */
const SHORT_BYTES = 24;

/**
 * Where a head is put together before it is written, and what of a body goes with it. There is one for the
 * whole process: it is filled and written without a pause, and a socket that does not take all of it keeps a
 * copy of the rest.
 */
export class HeadBuffer {
  bytes: Uint8Array;
  length = 0;

  /** @param size Its size at first, in bytes; it grows when a head needs more. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** Begins another head. */
  reset(): void {
    this.length = 0;
  }

  /** Whether so many more bytes fit without growing. */
  hasRoomFor(bytes: number): boolean {
    return this.length + bytes <= this.bytes.length;
  }

  /** Adds the bytes from `start` up to `end`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    if (length > SHORT_BYTES) {
      copy.call(source, this.bytes, this.length, start, end);
    } else {
      const { bytes } = this;
      let at = this.length;
      for (let index = start; index < end; index++) bytes[at++] = source[index] as number;
    }
    this.length += length;
  }

  /** Adds all of these bytes. */
  add(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  /** Adds a text whose characters are all below 256. */
  text(text: string): void {
    this.#reserve(text.length);
    this.length += latin1Write.call(this.bytes, text, this.length);
  }

  /** Copies everything into `target`, from `at` on. */
  copyTo(target: Uint8Array, at: number): void {
    copy.call(this.bytes, target, at, 0, this.length);
  }

  #reserve(bytes: number): void {
    if (this.hasRoomFor(bytes)) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + bytes));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Two of the longest heads, and as much of a body as goes with one. */
const BUFFER_BYTES = 262_144;

/** The one that everybody uses, each from `reset` to the write. */
export const HEAD_BUFFER = new HeadBuffer(BUFFER_BYTES);
