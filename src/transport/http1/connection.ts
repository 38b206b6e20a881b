import type { Cancel } from "../../core/clock.ts";
import { Outcome } from "../../core/outcome.ts";
import type { Limits } from "../../http1/limits.ts";
import { Malformed } from "../../http1/malformed.ts";
import {
  type Endpoint,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  Written,
} from "../../sockets/socket.ts";
import { Http1Failure, notConnected } from "./failure.ts";
import { type PumpTarget, RequestPump } from "./request-pump.ts";
import { type BodySource, ResponseBody } from "./response-body.ts";
import { joined, ResponseReader } from "./response-reader.ts";
import type { Holder, Sending } from "./sending.ts";

/** Who keeps connections. */
export interface ConnectionOwner {
  /** The connection can take another request. */
  released(connection: Connection): void;
  /** The connection is gone. */
  closed(connection: Connection): void;
  /** The request surely was not, or may harmlessly be, processed: it goes on a connection of its own. */
  resend(sending: Sending): void;
}

/** One connection to a backend: one request at a time, one after another. */
export class Connection implements SocketEvents, Holder, BodySource, PumpTarget {
  /** When it was last given back, in the clock's milliseconds. The pool's. */
  idleSinceMs = 0;
  /** Until when it may be used again. The pool's. */
  idleUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  #sending: Sending | undefined;
  #body: ResponseBody | undefined;
  #pump: RequestPump | undefined;
  #cancelLimit: Cancel | undefined;
  #isOpened = false;
  #isGone = false;
  /** Whether it has served a request before the one under way. */
  #isReused = false;
  #wasWritten = false;
  #isFull = false;
  #sawBytes = false;

  /** Connects, to send this request first. */
  constructor(
    owner: ConnectionOwner,
    sockets: SocketFactory,
    endpoint: Endpoint,
    limits: Limits,
    sending: Sending,
  ) {
    this.#owner = owner;
    this.#reader = new ResponseReader(limits);
    this.#sending = sending;
    sending.holder = this;
    this.#socket = sockets.connect(endpoint, this);
  }

  /** How long the backend said it keeps it when idle, in milliseconds; -1 if it did not. */
  get keptMs(): number {
    return this.#reader.persistence.timeoutMs;
  }

  /** True if, as far as this side knows, a request could be sent on it. */
  get isUsable(): boolean {
    return !this.#isGone && this.#socket.isOpen;
  }

  /** Calls `cancel` once it is connected, or will not be. */
  limitConnecting(cancel: Cancel): void {
    this.#cancelLimit = cancel;
  }

  /** Sends a request. Only after it was released. */
  begin(sending: Sending): void {
    this.#sending = sending;
    sending.holder = this;
    this.#isReused = true;
    this.#write(sending);
  }

  /** Whether it keeps the process alive: only while somebody waits for something. */
  setWaiting(isWaiting: boolean): void {
    this.#socket.setWaiting(isWaiting);
  }

  /** Closes it while it is idle. */
  close(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#socket.close();
    this.#owner.closed(this);
  }

  /** Gives up connecting. */
  giveUp(failure: Http1Failure): void {
    if (!this.#isOpened) this.#fail(failure);
  }

  /** The caller's: nobody waits for the answer any more. */
  abandon(sending: Sending, reason: unknown): void {
    if (this.#sending === sending) this.#fail(reason);
  }

  /** The socket's. */
  opened(): void {
    this.#isOpened = true;
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    if (this.#sending !== undefined) this.#write(this.#sending);
  }

  /** The socket's. */
  received(bytes: Uint8Array): void {
    if (this.#isGone) return;
    const sending = this.#sending;
    if (sending === undefined) {
      // An answer that nobody asked for must not meet the next one who asks.
      this.#drop();
      return;
    }
    this.#sawBytes = true;
    try {
      if (this.#body === undefined) this.#readHead(sending, bytes);
      else this.#readBody(this.#body, bytes);
    } catch (error) {
      this.#fail(error instanceof Malformed ? new Http1Failure(Outcome.malformed, error.message) : error);
    }
  }

  /** The socket's. */
  drained(): void {
    this.#isFull = false;
    this.#pump?.drained();
  }

  /** The socket's. */
  ended(): void {
    if (this.#isGone) return;
    if (this.#body !== undefined && this.#reader.mayEndHere) {
      this.#body.end();
      this.#finish(false);
    } else {
      this.#lost(undefined);
    }
  }

  /** The socket's. */
  closed(error: unknown): void {
    if (!this.#isGone) this.#lost(error);
  }

  /** The body's. */
  pauseBody(): void {
    this.#socket.pause();
  }

  /** The body's. */
  resumeBody(): void {
    this.#socket.resume();
  }

  /** The body's. */
  cancelBody(reason: unknown): void {
    this.#body = undefined;
    this.#fail(reason);
  }

  /** The pump's. */
  writeBody(bytes: Uint8Array): Written {
    const written = this.#socket.write(bytes);
    this.#isFull = written === Written.full;
    return written;
  }

  /** The pump's. */
  bodyWritten(): void {
    this.#pump = undefined;
  }

  /** The pump's. */
  bodyBroke(error: unknown): void {
    this.#pump = undefined;
    this.#fail(new Http1Failure(Outcome.requestBroken, "the request's body broke off", error));
  }

  #write(sending: Sending): void {
    this.#sawBytes = false;
    this.#reader.reset();
    const written = this.#socket.write(sending.bytes);
    this.#wasWritten = written !== Written.none;
    this.#isFull = written === Written.full;
    if (written === Written.none) {
      this.#lost(undefined);
    } else if (sending.stream !== null) {
      this.#pump = new RequestPump(sending.stream, sending.streamLength, this);
      // What is left of the head goes first: `drained` says when.
      if (!this.#isFull) this.#pump.run();
    }
  }

  #readHead(sending: Sending, bytes: Uint8Array): void {
    const reader = this.#reader;
    const from = reader.readHead(bytes, sending.method);
    if (from < 0) return;
    const init = reader.responseInit();
    if (reader.isDone || init.status === 205) {
      // RFC 9110 §15.3.6: 205 has no content, and `Response` takes none. Whatever comes is not read.
      sending.succeed(new Response(null, init));
      this.#finish(reader.isDone && from === bytes.length);
      return;
    }
    const first: Uint8Array[] = [];
    const end = reader.readBody(bytes, from, first);
    if (reader.isDone) {
      // Complete in memory: servers keep its length, and nobody pays for a stream.
      sending.succeed(new Response(joined(first), init));
      this.#finish(end === bytes.length);
      return;
    }
    const body = new ResponseBody(this);
    this.#body = body;
    body.push(first);
    sending.succeed(new Response(body.stream, init));
  }

  #readBody(body: ResponseBody, bytes: Uint8Array): void {
    const pieces: Uint8Array[] = [];
    const end = this.#reader.readBody(bytes, 0, pieces);
    body.push(pieces);
    if (!this.#reader.isDone) return;
    body.end();
    this.#finish(end === bytes.length);
  }

  /**
   * The answer is whole.
   *
   * @param isClean Whether it ended where the bytes did, and the connection is still there.
   */
  #finish(isClean: boolean): void {
    this.#sending?.finish();
    this.#sending = undefined;
    this.#body = undefined;
    // An answer may come before its request was sent whole; nobody will read the rest.
    const isWritten = this.#pump === undefined && !this.#isFull;
    this.#pump?.stop(undefined);
    this.#pump = undefined;
    if (isClean && this.#reader.persistence.isKept && isWritten && this.#socket.isOpen)
      this.#owner.released(this);
    else if (isWritten) this.close();
    else this.#drop();
  }

  /** The connection ended by itself. */
  #lost(error: unknown): void {
    const sending = this.#sending;
    if (sending === undefined) {
      this.#drop();
    } else if (!this.#isOpened) {
      this.#fail(notConnected(error));
    } else if (this.#isReused && !this.#sawBytes && sending.mayRepeat(this.#wasWritten)) {
      this.#sending = undefined;
      this.#drop();
      this.#owner.resend(sending);
    } else if (this.#body !== undefined) {
      this.#fail(new Http1Failure(Outcome.bodyBroken, "the answer broke off", error));
    } else {
      const what = this.#sawBytes ? "the answer's head broke off" : "the connection closed before an answer";
      this.#fail(new Http1Failure(Outcome.reset, what, error));
    }
  }

  /** Ends the exchange with an error, wherever it is, and the connection with it. */
  #fail(error: unknown): void {
    const sending = this.#sending;
    const body = this.#body;
    this.#sending = undefined;
    this.#body = undefined;
    this.#pump?.stop(error);
    this.#pump = undefined;
    this.#drop();
    body?.fail(error);
    // Does nothing more to one whose head was handed on.
    sending?.fail(error);
  }

  #drop(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#cancelLimit?.();
    this.#socket.destroy();
    this.#owner.closed(this);
  }
}
