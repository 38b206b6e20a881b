/** A client's connection, as far as a body that is read from it needs it. */
export interface BodyTap {
  /** The reader wants more. */
  wanted(): void;
  /** No more is wanted for now. */
  notWanted(): void;
}

/** A request's body for a handler: the connection pushes, the handler pulls, and neither runs away. */
export class RequestStream implements UnderlyingDefaultSource<Uint8Array> {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #tap: BodyTap;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(tap: BodyTap) {
    this.#tap = tap;
    // Nothing is pulled before somebody reads: a client that waits for 100 is told to go on only then.
    this.stream = new ReadableStream(this, { highWaterMark: 0 });
  }

  /** The stream's call. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  /** The stream's call. */
  pull(): void {
    this.#tap.wanted();
  }

  /** The stream's call: nobody reads the rest, which is thrown away as it comes. */
  cancel(): void {
    this.#controller = undefined;
    this.#tap.wanted();
  }

  /** Hands bytes on. */
  push(bytes: Uint8Array): void {
    if (this.#controller === undefined) return;
    this.#controller.enqueue(bytes);
    if ((this.#controller.desiredSize ?? 0) < 0) this.#tap.notWanted();
  }

  /** The body is whole. */
  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** The body is cut. */
  fail(error: unknown): void {
    this.#controller?.error(error);
    this.#controller = undefined;
  }
}
