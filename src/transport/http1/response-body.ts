/** Where a body's bytes come from. */
export interface BodySource {
  /** The reader is far enough behind: no more may come for now. */
  pauseBody(): void;
  /** The reader has caught up: more may come. */
  resumeBody(): void;
  /** The reader has had enough. */
  cancelBody(reason: unknown): void;
}

/** The bytes of one body that may lie unread, before their source is held up. One read of the socket may come on top. */
export const UNREAD_BYTES = 262_144;

const STRATEGY = new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_BYTES });

/** A body as it streams: the socket pushes, the reader pulls, and neither runs away from the other. */
export class ResponseBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #source: BodySource;
  #isPaused = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(source: BodySource) {
    this.#source = source;
    this.stream = new ReadableStream(this, STRATEGY);
  }

  /** Whether its source is held up. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The stream's call. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  /** The stream's call. */
  pull(): void {
    this.#resume();
  }

  /** The stream's call. */
  cancel(reason: unknown): void {
    this.#controller = undefined;
    this.#source.cancelBody(reason);
  }

  /** Hands bytes on. */
  push(pieces: readonly Uint8Array[]): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    for (const piece of pieces) controller.enqueue(piece);
    if (this.#isPaused || (controller.desiredSize ?? 0) > 0) return;
    this.#isPaused = true;
    this.#source.pauseBody();
  }

  /** The body is whole. */
  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
    this.#resume();
  }

  /** The body is cut: its reader learns of it, after what came before. */
  fail(error: unknown): void {
    this.#controller?.error(error);
    this.#controller = undefined;
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resumeBody();
  }
}
