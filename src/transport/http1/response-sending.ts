import { Deadline, type DeadlineWheel } from "../../core/deadlines.ts";
import { Outcome } from "../../core/outcome.ts";
import { Written } from "../../sockets/socket.ts";
import type { ExchangeHooks, OutboundRequest } from "../transport.ts";
import { Http1Failure } from "./failure.ts";
import type { Outgoing } from "./outgoing.ts";
import { type PumpTarget, RequestPump } from "./request-pump.ts";
import { type BodySource, ResponseBody } from "./response-body.ts";
import { joined, type ResponseReader } from "./response-reader.ts";
import type { Channel, Holder, Sending } from "./sending.ts";

/**
 * How long a request goes before its signal is listened to, in milliseconds. Most are over by then, and a
 * listener costs more than all else that is done for one of these. What aborts earlier is noticed then.
 */
const UNHEARD_MS = 10;

/** A request whose answer is wanted as a `Response`. */
export class ResponseSending extends Deadline implements Sending, BodySource, PumpTarget {
  holder: Holder | undefined;
  readonly method: string;
  readonly idempotent: boolean;
  /** A `Response` cannot take a connection over. */
  readonly offersUpgrade = false;
  readonly response: Promise<Response>;
  readonly #outgoing: Outgoing;
  readonly #hooks: ExchangeHooks;
  readonly #wheel: DeadlineWheel;
  /** Once it is listened to. */
  #signal: AbortSignal | undefined;
  #channel: Channel | undefined;
  #pump: RequestPump | undefined;
  #body: ResponseBody | undefined;
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
    this.#outgoing = outgoing;
    this.#hooks = hooks;
    this.#wheel = wheel;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    wheel.set(this, UNHEARD_MS, nowMs);
  }

  get isWritten(): boolean {
    return this.#pump === undefined;
  }

  mayRepeat(wasWritten: boolean): boolean {
    if (!wasWritten) return true;
    // What was read of a stream is gone; the one who made it may have kept it, and repeat the try.
    return this.idempotent && this.#outgoing.stream === null;
  }

  start(channel: Channel): void {
    this.#channel = channel;
    const { bytes, stream, streamLength } = this.#outgoing;
    const written = channel.write(bytes);
    if (stream === null || written === Written.none) return;
    this.#pump = new RequestPump(stream, streamLength, this);
    // What is left of the head goes first: `drained` says when.
    if (written === Written.taken) this.#pump.run();
  }

  drained(): void {
    this.#pump?.drained();
  }

  /** A `Response` has no place for it. */
  interim(): void {}

  answer(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    const init = reader.responseInit();
    if (reader.isDone) {
      this.#succeed(new Response(null, init));
      return from;
    }
    if (init.status === 205) {
      // RFC 9110 §15.3.6: it has no content, and `Response` takes none. Nobody reads what comes.
      const { holder } = this;
      this.#succeed(new Response(null, init));
      this.finish();
      holder?.abandon(this, undefined);
      return from;
    }
    const first: Uint8Array[] = [];
    const end = reader.readBody(bytes, from, first);
    if (reader.isDone) {
      // Complete in memory: servers keep its length, and nobody pays for a stream.
      this.#succeed(new Response(joined(first), init));
      return end;
    }
    this.#body = new ResponseBody(this);
    this.#body.push(first);
    this.#succeed(new Response(this.#body.stream, init));
    return end;
  }

  /** It offers no other protocol. */
  ended(): void {}

  take(reader: ResponseReader, bytes: Uint8Array): number {
    const pieces: Uint8Array[] = [];
    const end = reader.readBody(bytes, 0, pieces);
    this.#body?.push(pieces);
    this.#hooks.bodyMoved?.(this.#body?.isPaused === true);
    return end;
  }

  finish(): void {
    this.#body?.end();
    this.#over(undefined);
    this.#hooks.bodyEnded?.(Outcome.ok);
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#over(error);
    this.#body?.fail(error);
    if (!this.#isAnswered) this.#reject(error);
    else this.#hooks.bodyEnded?.(error instanceof Http1Failure ? Outcome.bodyBroken : Outcome.clientGone);
  }

  /** The body's. */
  pauseBody(): void {
    if (!this.#isOver) this.#channel?.pause();
  }

  /** The body's. */
  resumeBody(): void {
    if (this.#isOver) return;
    this.#channel?.resume();
    this.#hooks.bodyMoved?.(false);
  }

  /** The body's. */
  cancelBody(reason: unknown): void {
    this.#body = undefined;
    this.#abandon(reason);
  }

  /** The pump's. */
  writeBody(bytes: Uint8Array): Written {
    return this.#isOver ? Written.none : (this.#channel?.write(bytes) ?? Written.none);
  }

  /** The pump's. */
  bodyWritten(): void {
    this.#pump = undefined;
  }

  /** The pump's. */
  bodyBroke(error: unknown): void {
    this.#pump = undefined;
    this.#abandon(new Http1Failure(Outcome.requestBroken, "the request's body broke off", error));
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
    this.#abandon(this.#signal?.reason);
  }

  #succeed(response: Response): void {
    this.#isAnswered = true;
    this.#resolve(response);
  }

  #abandon(reason: unknown): void {
    const { holder } = this;
    this.fail(reason);
    holder?.abandon(this, reason);
  }

  #over(reason: unknown): void {
    this.#isOver = true;
    this.holder = undefined;
    // An answer may come before its request was sent whole; nobody will read the rest.
    this.#pump?.stop(reason);
    this.#signal?.removeEventListener("abort", this);
    this.#wheel.clear(this);
  }
}

function unset(): void {}
