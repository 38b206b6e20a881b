import type { OutboundRequest } from "../transport.ts";
import type { Outgoing } from "./outgoing.ts";

/** What holds a request at the moment: a connection, or the queue for one. */
export interface Holder {
  /** The caller gave the request up. */
  abandon(sending: Sending, reason: unknown): void;
}

/** One request from `send` to the end of its answer, on however many connections it takes. */
export class Sending implements Outgoing {
  readonly method: string;
  readonly idempotent: boolean;
  readonly bytes: Uint8Array;
  readonly stream: ReadableStream<Uint8Array> | null;
  readonly streamLength: number;
  readonly response: Promise<Response>;
  holder: Holder | undefined;
  readonly #signal: AbortSignal;
  #resolve: (response: Response) => void = unset;
  #reject: (error: unknown) => void = unset;

  constructor(outbound: OutboundRequest, outgoing: Outgoing, signal: AbortSignal) {
    this.method = outbound.method;
    this.idempotent = outbound.idempotent;
    this.bytes = outgoing.bytes;
    this.stream = outgoing.stream;
    this.streamLength = outgoing.streamLength;
    this.#signal = signal;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener("abort", this);
  }

  /**
   * Whether the request may go on another connection after one that had served others closed before it gave
   * a byte of an answer. Such a connection was most likely closed before the request came there, but nobody
   * knows (RFC 9112 §9.3.1, RFC 9110 §9.2.2).
   *
   * @param wasWritten Whether any of it was written.
   */
  mayRepeat(wasWritten: boolean): boolean {
    if (!wasWritten) return true;
    // What was read of a stream is gone; the one who made it may have kept it, and repeat the try.
    return this.idempotent && this.stream === null;
  }

  /** The head of the answer is there; its body may still be coming. */
  succeed(response: Response): void {
    this.#resolve(response);
  }

  /** There will be no answer. */
  fail(error: unknown): void {
    this.over();
    this.#reject(error);
  }

  /** Everything has come: nothing is left to abort. */
  over(): void {
    this.holder = undefined;
    this.#signal.removeEventListener("abort", this);
  }

  /** The signal's call: being its own listener spares a function for each request. */
  handleEvent(): void {
    const { holder } = this;
    this.fail(this.#signal.reason);
    holder?.abandon(this, this.#signal.reason);
  }
}

function unset(): void {}
