import { Deadline, type DeadlineWheel } from "../../core/deadlines.ts";
import { Outcome } from "../../core/outcome.ts";
import type { ExchangeHooks, OutboundRequest } from "../transport.ts";
import { Http1Failure } from "./failure.ts";
import type { Outgoing } from "./outgoing.ts";

/** What holds a request at the moment: a connection, or the queue for one. */
export interface Holder {
  /** The caller gave the request up. */
  abandon(sending: Sending, reason: unknown): void;
}

/**
 * How long a request goes before its signal is listened to, in milliseconds. Most are over by then, and a
 * listener costs more than all else that is done for one of these. What aborts earlier is noticed then.
 */
const UNHEARD_MS = 10;

/** One request from `send` to the end of its answer, on however many connections it takes. */
export class Sending extends Deadline implements Outgoing {
  readonly method: string;
  readonly idempotent: boolean;
  readonly bytes: Uint8Array;
  readonly stream: ReadableStream<Uint8Array> | null;
  readonly streamLength: number;
  readonly response: Promise<Response>;
  holder: Holder | undefined;
  readonly #hooks: ExchangeHooks;
  readonly #wheel: DeadlineWheel;
  /** Once it is listened to. */
  #signal: AbortSignal | undefined;
  #isAnswered = false;
  #isOver = false;
  #resolve: (response: Response) => void = unset;
  #reject: (error: unknown) => void = unset;

  /** @param wheel Keeps the time until the signal is listened to. */
  constructor(
    outbound: OutboundRequest,
    outgoing: Outgoing,
    hooks: ExchangeHooks,
    wheel: DeadlineWheel,
    nowMs: number,
  ) {
    super();
    this.method = outbound.method;
    this.idempotent = outbound.idempotent;
    this.bytes = outgoing.bytes;
    this.stream = outgoing.stream;
    this.streamLength = outgoing.streamLength;
    this.#hooks = hooks;
    this.#wheel = wheel;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    wheel.set(this, UNHEARD_MS, nowMs);
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
    this.#isAnswered = true;
    this.#resolve(response);
  }

  /** There will be no answer, or no end of it. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#over();
    if (!this.#isAnswered) this.#reject(error);
    else this.#hooks.bodyEnded?.(error instanceof Http1Failure ? Outcome.bodyBroken : Outcome.clientGone);
  }

  /** Everything has come: nothing is left to abort. */
  finish(): void {
    this.#over();
    this.#hooks.bodyEnded?.(Outcome.ok);
  }

  #over(): void {
    this.#isOver = true;
    this.holder = undefined;
    this.#signal?.removeEventListener("abort", this);
    this.#wheel.clear(this);
  }

  /** The wheel's call: from now on the signal is listened to. */
  override expire(): void {
    const { signal } = this.#hooks;
    this.#signal = signal;
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener("abort", this);
  }

  /** The signal's call: being its own listener spares a function for each request. */
  handleEvent(): void {
    const { holder } = this;
    const reason: unknown = this.#signal?.reason;
    this.fail(reason);
    holder?.abandon(this, reason);
  }
}

function unset(): void {}
