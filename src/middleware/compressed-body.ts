import { letGo } from "../transport/let-go.ts";
import type { Compressor } from "./compressor.ts";

/** The most that is compressed at once, in bytes: so much may come out before anybody takes it. */
const PIECE_BYTES = 65_536;

/**
 * A body compressed as its client takes it. Nothing is read that nobody asked for but one chunk ahead, and nothing is
 * held back: as soon as the body has no more at the moment, all that came can be read by the other side.
 *
 * @param onOver Called once, when it has ended, broken or been given up.
 */
export function compressedBody(
  body: ReadableStream<Uint8Array>,
  compressor: Compressor,
  onOver: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream(new CompressedSource(body, compressor, onOver), { highWaterMark: 0 });
}

/** What was asked of the body: one chunk. */
interface Reading {
  readonly result: ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>;
  hasCome: boolean;
}

class CompressedSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #compressor: Compressor;
  readonly #onOver: () => void;
  #isOver = false;
  /** The one chunk that is read ahead. */
  #reading: Reading | undefined;
  /** What of a chunk is still to be compressed. */
  #rest: Uint8Array | undefined;
  /** Whether the compressor may hold something back. */
  #holds = false;

  constructor(body: ReadableStream<Uint8Array>, compressor: Compressor, onOver: () => void) {
    this.#reader = body.getReader();
    this.#compressor = compressor;
    this.#onOver = onOver;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const out = await this.#step();
        if (this.#isOver) return;
        for (const bytes of out ?? []) controller.enqueue(bytes);
        if (out === undefined) {
          const last = await this.#compressor.end();
          if (this.#isOver) return;
          for (const bytes of last) controller.enqueue(bytes);
          controller.close();
          this.#over();
          return;
        }
        if (out.length > 0) return;
      }
    } catch (error) {
      if (this.#isOver) return;
      this.#over();
      controller.error(error);
      await letGo(this.#reader, error);
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#over();
    return letGo(this.#reader, reason);
  }

  /** @returns What came out, which may be nothing yet; undefined at the body's end. */
  async #step(): Promise<readonly Uint8Array[] | undefined> {
    const rest = this.#rest;
    if (rest !== undefined) return this.#compress(rest);
    this.#reading ??= this.#read();
    const reading = this.#reading;
    if (this.#holds && !reading.hasCome) {
      this.#holds = false;
      return this.#compressor.flush();
    }
    const { done, value } = await reading.result;
    this.#reading = undefined;
    if (done) return undefined;
    return value.byteLength === 0 ? NOTHING : this.#compress(value);
  }

  #compress(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
    this.#rest = bytes.byteLength > PIECE_BYTES ? bytes.subarray(PIECE_BYTES) : undefined;
    // Whether more has come is known when this piece is done.
    if (this.#rest === undefined) this.#reading = this.#read();
    this.#holds = true;
    return this.#compressor.write(bytes.subarray(0, PIECE_BYTES));
  }

  #read(): Reading {
    const reading = { result: this.#reader.read(), hasCome: false };
    const come = () => {
      reading.hasCome = true;
    };
    // A failure is met by whoever waits for the chunk.
    reading.result.then(come, come);
    return reading;
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#compressor.close();
    this.#onOver();
  }
}

const NOTHING: readonly Uint8Array[] = [];
