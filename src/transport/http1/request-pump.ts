import { type BodyLength, CHUNKED } from "../../http1/framing.ts";
import { chunkOf, LAST_CHUNK, Unwritable } from "../../http1/request-writer.ts";
import { Written } from "../../sockets/socket.ts";
import { letGo } from "../let-go.ts";

/** Where a request's body goes. */
export interface PumpTarget {
  writeBody(bytes: Uint8Array): Written;
  /** All of it was written. */
  bodyWritten(): void;
  /** It broke, or is not as long as it was said to be. */
  bodyBroke(error: unknown): void;
}

/** Writes a streaming body, reading it no faster than the backend takes it. */
export class RequestPump {
  readonly #stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #target: PumpTarget;
  readonly #isChunked: boolean;
  #left: number;
  #isRunning = false;
  #isStopped = false;
  #wake: (() => void) | undefined;

  /** @param length The body's length in bytes, or `CHUNKED`. */
  constructor(stream: ReadableStream<Uint8Array>, length: BodyLength, target: PumpTarget) {
    this.#stream = stream;
    this.#target = target;
    this.#isChunked = length === CHUNKED;
    this.#left = length;
  }

  /** Begins. */
  run(): void {
    this.#isRunning = true;
    void this.#run();
  }

  /** The socket takes more: begins, or goes on. */
  drained(): void {
    if (this.#isRunning) this.#wake?.();
    else this.run();
  }

  /** Writes no more, and lets go of the stream. */
  stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#wake?.();
    if (this.#reader !== undefined) void letGo(this.#reader, reason);
  }

  async #run(): Promise<void> {
    try {
      // Throws if somebody else reads the stream.
      const reader = this.#stream.getReader();
      this.#reader = reader;
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isStopped) return;
        if (done) break;
        if (value.byteLength > 0) await this.#write(value);
      }
      if (this.#isChunked) await this.#writeBytes(LAST_CHUNK);
      else if (this.#left > 0) throw new Unwritable("the body is shorter than its Content-Length");
      if (this.#isStopped) return;
      this.#isStopped = true;
      this.#target.bodyWritten();
    } catch (error) {
      if (this.#isStopped) return;
      this.stop(error);
      this.#target.bodyBroke(error);
    }
  }

  async #write(data: Uint8Array): Promise<void> {
    if (this.#isChunked) {
      await this.#writeBytes(chunkOf(data));
      return;
    }
    this.#left -= data.byteLength;
    // What is too much would be read as the next request (RFC 9112 §11.2).
    if (this.#left < 0) throw new Unwritable("the body is longer than its Content-Length");
    await this.#writeBytes(data);
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    if (this.#isStopped) return;
    switch (this.#target.writeBody(bytes)) {
      case Written.full:
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        break;
      case Written.none:
        // The connection will tell what happened to it.
        this.stop(undefined);
        break;
    }
  }
}
