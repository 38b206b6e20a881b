import type { Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import { Deadline } from "../core/deadlines.ts";
import { droppedAnswer, Try, type UploadProgress } from "../proxy/try.ts";
import { Written } from "../sockets/socket.ts";
import { Http1Failure, http1Failure } from "../transport/http1/failure.ts";
import type { ResponseReader } from "../transport/http1/response-reader.ts";
import type { Channel, Holder, Sending } from "../transport/http1/sending.ts";
import type { TransportFailure } from "../transport/transport.ts";
import { HEAD_BUFFER, type HeadBuffer } from "./head-buffer.ts";
import type { RelayService } from "./relay-service.ts";

/** Only what is in memory as a whole is sent to two backends at once. */
const SENT: UploadProgress = { finished: true, bytesRead: 0 };

/** A request that a second try was begun for. */
export interface HedgedRequest extends Pick<Sending, "method" | "take" | "ended" | "finish" | "fail"> {
  /** Writes its head as this backend gets it. */
  writeHead(buffer: HeadBuffer, backend: Backend): void;
  /** Its whole body, in pieces. */
  readonly bodyPieces: readonly Uint8Array[];
  /**
   * The second try was answered: makes it `drop` the answer, or takes it over.
   *
   * @param from Where the body begins.
   * @returns How far the body was read.
   * @throws Malformed
   */
  hedgeAnswered(hedge: Hedge, reader: ResponseReader, bytes: Uint8Array, from: number): number;
  /**
   * The second try has ended, and will not be taken over.
   *
   * @param wasDropped Whether it was answered, and made to drop that.
   */
  hedgeFailed(hedge: Hedge, failure: TransportFailure, wasDropped: boolean): void;
}

/** Tells when a try has gone unanswered for long enough. */
export class HedgeTimer extends Deadline {
  readonly #late: () => void;

  /** @param late Told so. */
  constructor(late: () => void) {
    super();
    this.#late = late;
  }

  /** The wheel's call. */
  override expire(): void {
    this.#late();
  }
}

/**
 * A second try of a relayed request beside its first. If it is answered first, the request takes it over: what
 * comes after the head is only handed through here, and the request holds the connection by it.
 */
export class Hedge extends Try implements Sending, Holder {
  holder: Holder | undefined;
  readonly method: string;
  readonly idempotent = true;
  readonly offersUpgrade = false;
  /** Where it goes. */
  readonly backend: Backend;
  readonly #request: HedgedRequest;
  readonly #pieces: readonly Uint8Array[];
  #channel: Channel | undefined;
  /** How many of the pieces were written. */
  #written = 0;
  #isFull = false;
  #isTakenOver = false;
  #dropped: TransportFailure | undefined;

  /** Begins it; whoever makes it dispatches it. */
  constructor(service: RelayService, request: HedgedRequest, backend: Backend, attempts: Attempts) {
    super(service.balancer, service.wheel);
    this.#request = request;
    this.method = request.method;
    this.backend = backend;
    this.#pieces = request.bodyPieces;
    const { nowMs, headTimeoutMs, endsAtMs } = attempts;
    this.beginTry(backend, nowMs, headTimeoutMs, endsAtMs);
  }

  /** The way to the backend, for who takes it over. */
  takenOver(): Channel | undefined {
    this.#isTakenOver = true;
    return this.#channel;
  }

  /**
   * Throws the answer away.
   *
   * @returns How far its body was read.
   * @throws Malformed
   */
  drop(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    const { status } = reader.line;
    this.#dropped = droppedAnswer(status);
    const end = reader.readBody(bytes, from, []);
    if (!reader.isDone) this.holder?.abandon(this, undefined);
    return end;
  }

  /** The request's, which holds the connection by it. */
  abandon(_sending: Sending, reason: unknown): void {
    this.holder?.abandon(this, reason);
  }

  /** The connection's. */
  get isWritten(): boolean {
    return this.#written === this.#pieces.length;
  }

  /** The connection's. */
  mayRepeat(): boolean {
    return true;
  }

  /** The connection's. */
  start(channel: Channel): void {
    this.#channel = channel;
    this.#written = 0;
    this.#request.writeHead(HEAD_BUFFER, this.backend);
    const written = channel.writeCopy(HEAD_BUFFER.bytes, HEAD_BUFFER.length);
    if (written === Written.none) return;
    this.#isFull = written === Written.full;
    this.#write();
  }

  /** The connection's. */
  drained(): void {
    this.#isFull = false;
    this.#write();
  }

  /** The connection's: of two tries only the first one's interim answers pass. */
  interim(): void {}

  /** The connection's. */
  answer(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    return this.#request.hedgeAnswered(this, reader, bytes, from);
  }

  /** The connection's. */
  take(reader: ResponseReader, bytes: Uint8Array): number {
    return this.#request.take(reader, bytes);
  }

  /** The connection's. */
  ended(): void {
    this.#request.ended();
  }

  /** The connection's. */
  finish(): void {
    if (this.#isTakenOver) this.#request.finish();
    else this.fail(undefined);
  }

  /** Whoever holds it says so. */
  fail(error: unknown): void {
    this.#channel = undefined;
    this.holder = undefined;
    if (this.#isTakenOver) {
      this.#request.fail(error);
      return;
    }
    const failure = this.endFailed(this.#dropped ?? http1Failure(error));
    this.#request.hedgeFailed(this, failure, this.#dropped !== undefined);
  }

  protected override get progress(): UploadProgress {
    return SENT;
  }

  protected override stop(reason: TransportFailure): void {
    const failure = new Http1Failure(reason.outcome, reason.message);
    if (this.holder === undefined) this.fail(failure);
    else this.holder.abandon(this, failure);
  }

  #write(): void {
    while (!this.#isFull && this.#written < this.#pieces.length) {
      const piece = this.#pieces[this.#written] as Uint8Array;
      this.#written += 1;
      this.#isFull = this.#channel?.write(piece) !== Written.taken;
    }
  }
}
