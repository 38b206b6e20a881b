import type { BodyDecoder } from "../http1/body-decoder.ts";
import type { UploadProgress } from "../proxy/try.ts";
import { Passing } from "./passing.ts";
import { mayPassAsTrailer } from "./request-rewriting.ts";

/** Pieces of a body that are kept for another try: a byte in a piece of its own takes up far more than a byte. */
const MOST_PIECES = 1_024;

/** More are kept only if they are as long as this on average, in bytes. */
const USUAL_PIECE_BYTES = 64;

/**
 * A request's body on its way to a backend, as the bytes that it came in: framing and all. What was sent is kept
 * for another try while it is little, and forgotten once it is not, so that no upload is ever in memory whole.
 */
export class Upload implements UploadProgress {
  /** Whether its last byte came. */
  finished = true;
  bytesRead = 0;
  /** In their order, from the first byte while `replayable`, else from the first that was not taken. */
  #pieces: Uint8Array[] = [];
  #taken = 0;
  #replayable = true;
  readonly #passing = new Passing(mayPassAsTrailer);
  readonly #replayLimitBytes: number;
  readonly #mostPieces: number;

  /** @param replayLimitBytes The most that is kept for another try; 0 is nothing. */
  constructor(replayLimitBytes: number) {
    this.#replayLimitBytes = replayLimitBytes;
    this.#mostPieces = Math.max(MOST_PIECES, replayLimitBytes / USUAL_PIECE_BYTES);
  }

  /** Whether it can still be sent from its first byte. */
  get replayable(): boolean {
    return this.#replayable;
  }

  /** Whether all that came was taken. */
  get isTaken(): boolean {
    return this.#taken === this.#pieces.length;
  }

  /** Whether all of it came and was taken. */
  get isSent(): boolean {
    return this.finished && this.isTaken;
  }

  /** Begins the body of another request. */
  begin(): void {
    this.finished = true;
    this.bytesRead = 0;
    this.#replayable = true;
    this.discard();
  }

  /**
   * Reads on in it.
   *
   * @returns How far: less than all if the body ended before.
   * @throws Malformed
   */
  read(decoder: BodyDecoder, bytes: Uint8Array, from: number): number {
    const passing = this.#passing;
    const end = passing.read(decoder, bytes, from);
    if (passing.end > from) this.#push(bytes.subarray(from, passing.end));
    if (passing.tail !== undefined) this.#push(passing.tail);
    this.finished = decoder.isDone;
    return end;
  }

  #push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.bytesRead += piece.length;
    if (this.bytesRead > this.#replayLimitBytes || this.#pieces.length > this.#mostPieces) this.#forget();
  }

  /** What is in memory: all that came of it, while it is `replayable`. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** Goes back to the first byte that it still has, for another try: to its first of all while `replayable`. */
  restart(): void {
    this.#taken = 0;
  }

  /** What is to be sent next, if there is anything. It is not taken yet. */
  get next(): Uint8Array | undefined {
    return this.#pieces[this.#taken];
  }

  /** Takes what `next` is. */
  take(): void {
    if (this.#replayable) this.#taken += 1;
    else this.#pieces.shift();
  }

  /** Lets go of all bytes. */
  discard(): void {
    if (this.#pieces.length > 0) this.#pieces = [];
    this.#taken = 0;
  }

  #forget(): void {
    if (!this.#replayable) return;
    this.#replayable = false;
    this.#pieces.splice(0, this.#taken);
    this.#taken = 0;
  }
}
