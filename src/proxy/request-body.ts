import { letGo } from "../transport/let-go.ts";
import type { OutboundBody } from "../transport/transport.ts";

/**
 * A request's body, such that a failed try need not lose it.
 *
 * Small bodies of known length are read before the first try: they keep their `Content-Length` and can be
 * sent any number of times. All others stream: what has been read is kept for another try as long as it
 * stays within the limit, and forgotten once it does not, so that no upload is ever in memory whole.
 */

/** Where the bytes come from, and whether they can come again. */
export interface RequestBody {
  /** The body from its first byte. Only while `replayable`, or the first time. */
  body(): OutboundBody | null;
  /** Whether `body` can be called once more. */
  readonly replayable: boolean;
  /** Whether the client broke off in the middle of it. */
  readonly broken: boolean;
  /** Whether it was read to its end. */
  readonly finished: boolean;
  /** How much of it was read, in bytes. */
  readonly bytesRead: number;
  /** Lets go of what was not read. */
  discard(): void;
}

/** The body of a request that has none. */
export const NO_BODY: RequestBody = {
  body: () => null,
  replayable: true,
  broken: false,
  finished: true,
  bytesRead: 0,
  discard() {},
};

/** A body that is in memory; `replayable` is whether it may be sent more than once. */
export function completeBody(bytes: Uint8Array<ArrayBuffer>, replayable: boolean): RequestBody {
  const bytesRead = bytes.length;
  return { body: () => bytes, replayable, broken: false, finished: true, bytesRead, discard() {} };
}

/** A body that streams from `source`, replayable while no more of it was read than may be kept. */
export class StreamedBody implements RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #replayLimitBytes: number;
  /** What was read and may be needed again; once `#forgetting`, only what was not handed on yet. */
  #chunks: Uint8Array[] = [];
  #bytesRead = 0;
  #forgetting = false;
  #isDone = false;
  #failure: unknown;
  /** The read under way: a try that fails in the middle of it must not lose its chunk. */
  #pending: Promise<void> | undefined;
  /** The number of the stream that `body` gave last. */
  #newest = 0;

  /** @param replayLimitBytes The most that is kept for another try. */
  constructor(source: ReadableStream<Uint8Array>, replayLimitBytes: number) {
    this.#reader = source.getReader();
    this.#replayLimitBytes = replayLimitBytes;
  }

  get replayable(): boolean {
    return !this.#forgetting;
  }

  get broken(): boolean {
    return this.#failure !== undefined;
  }

  get finished(): boolean {
    return this.#isDone;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  body(): ReadableStream<Uint8Array> {
    this.#newest += 1;
    const own = this.#newest;
    let position = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          while (own === this.#newest && position === this.#chunks.length && !this.#isDone)
            await this.#read();
          // What a failed try left behind must take nothing from the next one, nor look complete.
          if (own !== this.#newest) throw new Error("this try is over");
          if (position === this.#chunks.length) {
            controller.close();
            return;
          }
          controller.enqueue(this.#chunks[position] as Uint8Array);
          position += 1;
          if (this.#forgetting) {
            this.#chunks.splice(0, position);
            position = 0;
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Reads the first chunk; false if the body turns out to be empty. */
  async hasBytes(): Promise<boolean> {
    while (this.#chunks.length === 0 && !this.#isDone) await this.#read();
    return this.#chunks.length > 0;
  }

  discard(): void {
    this.#chunks = [];
    this.#forgetting = true;
    this.#newest += 1;
    void letGo(this.#reader);
  }

  #read(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#pending ??= this.#reader.read().then(
      ({ done, value }) => {
        this.#pending = undefined;
        if (done) {
          this.#isDone = true;
          return;
        }
        // Deno shows a body that is not there as one empty chunk.
        if (value.byteLength === 0) return;
        this.#bytesRead += value.byteLength;
        if (this.#bytesRead > this.#replayLimitBytes) this.#forgetting = true;
        this.#chunks.push(value);
      },
      (error: unknown) => {
        // A body that broke must never look complete: it is not sent again, and its reader is told.
        this.#failure = error;
        this.#forgetting = true;
        throw error;
      },
    );
    return this.#pending;
  }
}
