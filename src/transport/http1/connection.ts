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
import { ResponseReader } from "./response-reader.ts";
import type { Channel, Sending } from "./sending.ts";

/** Who keeps connections. */
export interface ConnectionOwner {
  /** The connection was made. */
  opened(connection: Connection): void;
  /** The connection can take another request. */
  released(connection: Connection): void;
  /** The connection is gone. */
  closed(connection: Connection): void;
  /** The request surely was not, or may harmlessly be, processed: it goes on a connection of its own. */
  resend(sending: Sending): void;
}

/** One connection to a backend: one request at a time, one after another. */
export class Connection implements SocketEvents, Channel {
  /** When it was last given back, in the clock's milliseconds. The pool's. */
  idleSinceMs = 0;
  /** Until when it may be used again. The pool's. */
  idleUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  #sending: Sending | undefined;
  #cancelLimit: Cancel | undefined;
  #isOpened = false;
  #isGone = false;
  /** Whether it has served a request before the one under way. */
  #isReused = false;
  #wasWritten = false;
  #isFull = false;
  #isPaused = false;
  #sawBytes = false;
  #isAnswered = false;
  /** Whether it is another protocol's; then, whether this side has ended, and whether the backend has. */
  #isSwitched = false;
  #isShut = false;
  #hasEnded = false;

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

  /** Whether it was connected at any time. */
  get wasOpened(): boolean {
    return this.#isOpened;
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
    this.#start(sending);
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

  /** The sending's. */
  abandon(sending: Sending, reason: unknown): void {
    if (this.#sending === sending) this.#fail(reason);
  }

  /** The sending's. */
  write(bytes: Uint8Array): Written {
    return this.#noted(this.#socket.write(bytes));
  }

  /** The sending's. */
  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.#noted(this.#socket.writeCopy(buffer, length));
  }

  /** The sending's. */
  switchProtocols(): void {
    this.#isSwitched = true;
    this.#socket.probeWhenSilent();
  }

  /** The sending's. */
  shutdown(): void {
    if (this.#isShut || this.#isGone) return;
    this.#isShut = true;
    this.#socket.shutdown();
    // Else what was written is waited for.
    if (this.#hasEnded && !this.#isFull) this.#finish(false);
  }

  /** The sending's. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** The sending's. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** The socket's. */
  opened(): void {
    this.#isOpened = true;
    this.#owner.opened(this);
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    if (this.#sending !== undefined) this.#start(this.#sending);
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
      const end = this.#isAnswered ? sending.take(this.#reader, bytes) : this.#readHead(sending, bytes);
      // What is told of the answer may have made somebody give the request up.
      if (this.#sending === sending && this.#isAnswered && this.#reader.isDone) {
        this.#finish(end === bytes.length);
      }
    } catch (error) {
      this.#fail(error instanceof Malformed ? new Http1Failure(Outcome.malformed, error.message) : error);
    }
  }

  /** The socket's. */
  drained(): void {
    this.#isFull = false;
    if (this.#hasEnded && this.#isShut) this.#finish(false);
    else this.#sending?.drained();
  }

  /** The socket's. */
  ended(): void {
    if (this.#isGone) return;
    if (!this.#isAnswered || !this.#reader.mayEndHere) {
      this.#lost(undefined);
    } else if (this.#isSwitched && !(this.#isShut && !this.#isFull)) {
      this.#hasEnded = true;
      this.#sending?.ended();
    } else {
      this.#finish(false);
    }
  }

  /** The socket's. */
  closed(error: unknown): void {
    if (this.#isGone) return;
    if (this.#hasEnded && this.#isShut) this.#finish(false);
    else this.#lost(error);
  }

  #start(sending: Sending): void {
    this.#sawBytes = false;
    this.#isAnswered = false;
    this.#wasWritten = false;
    this.#reader.reset();
    sending.start(this);
    if (!this.#wasWritten && this.#sending === sending) this.#lost(undefined);
  }

  #noted(written: Written): Written {
    if (written !== Written.none) this.#wasWritten = true;
    this.#isFull = written === Written.full;
    return written;
  }

  /** Returns how far it read. */
  #readHead(sending: Sending, bytes: Uint8Array): number {
    const from = this.#reader.readHead(bytes, sending);
    if (from < 0) return bytes.length;
    this.#isAnswered = true;
    return sending.answer(this.#reader, bytes, from);
  }

  /**
   * The answer is whole.
   *
   * @param isClean Whether it ended where the bytes did, and the connection is still there.
   */
  #finish(isClean: boolean): void {
    const sending = this.#sending as Sending;
    // Nobody will read the rest of a request that was answered before it was sent whole.
    const isWritten = sending.isWritten && !this.#isFull;
    const isKept = isClean && this.#reader.persistence.isKept && isWritten && this.#socket.isOpen;
    this.#sending = undefined;
    this.#isAnswered = false;
    this.resume();
    // First, so that whoever hears of the end finds the connection free.
    if (isKept) this.#owner.released(this);
    else if (isWritten) this.close();
    else this.#drop();
    sending.finish();
  }

  /** The connection ended by itself. */
  #lost(error: unknown): void {
    const sending = this.#sending;
    if (sending === undefined) {
      this.close();
    } else if (!this.#isOpened) {
      this.#fail(notConnected(error));
    } else if (this.#isReused && !this.#sawBytes && sending.mayRepeat(this.#wasWritten)) {
      this.#sending = undefined;
      this.#drop();
      this.#owner.resend(sending);
    } else if (this.#isAnswered) {
      this.#fail(new Http1Failure(Outcome.bodyBroken, "the answer broke off", error));
    } else {
      const what = this.#sawBytes ? "the answer's head broke off" : "the connection closed before an answer";
      this.#fail(new Http1Failure(Outcome.reset, what, error));
    }
  }

  /** Ends the exchange with an error, wherever it is, and the connection with it. */
  #fail(error: unknown): void {
    const sending = this.#sending;
    this.#sending = undefined;
    this.#isAnswered = false;
    this.#drop();
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
