import { Deadline } from "../core/deadlines.ts";
import { UNTIL_CLOSE } from "../http1/framing.ts";
import { Malformed } from "../http1/malformed.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { Problem } from "../proxy/problem.ts";
import { type Socket, type SocketEvents, Written } from "../sockets/socket.ts";
import type { Answering, ClientChannel } from "./answering.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { Intake } from "./intake.ts";
import { HALF_CLOSED_MS, LINGER_MS, LOOK_MS, Phase, patienceMs, type Waiting } from "./phase.ts";
import { malformedProblem, REQUEST_TIMEOUT, refusalBytes, TOO_MANY_CONNECTIONS } from "./refusal.ts";
import { RequestReader } from "./request-reader.ts";

/** One client's connection: reads requests from it, has each answered, and writes the answers in their order. */
export class ClientConnection extends Deadline implements SocketEvents, ClientChannel, Waiting {
  readonly client: ClientInfo;
  /** What relays its requests, once there was one to relay. The front's. */
  relay: Answering | undefined;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  /** What it is doing. */
  phase: Phase = Phase.opening;
  /** When something last happened, by the coarse clock. */
  #sinceMs: number;
  #reader: RequestReader | undefined;
  #answering: Answering | undefined;
  /** What the client sends. */
  readonly intake: Intake;
  /** Whether the client has not taken what was written. */
  isFull = false;
  /** Whether it has carried a request before. */
  isReused = false;
  /** Whether the client sends nothing more. */
  hasEnded = false;
  /** Whether the client was told that nothing more is sent, on a connection that is another protocol's. */
  isShut = false;

  /** @param client What is told of the client. */
  constructor(host: ConnectionHost, socket: Socket, client: ClientInfo) {
    super();
    this.#host = host;
    this.#socket = socket;
    this.intake = new Intake(socket);
    this.client = client;
    // In this order: the coarse clock stands still while nothing is limited.
    host.limit(this, LOOK_MS);
    this.#sinceMs = host.coarseMs;
  }

  /** Whether more of the request's body is to come, and wanted. */
  get awaitsUpload(): boolean {
    return this.phase === Phase.busy && this.#reader?.isDone === false && !this.intake.isUploadPaused;
  }

  /** Closes it, in the middle of whatever it does. */
  destroy(): void {
    if (this.phase === Phase.gone) return;
    this.#socket.destroy();
    this.#gone();
  }

  /**
   * Tells the client that no more requests are taken, if none is under way and none has come for long enough.
   *
   * @param nextMs How long that is for the next request, in milliseconds.
   * @param firstMs The same for the first one, and for the rest of a head.
   */
  leaveIfQuiet(nextMs: number, firstMs: number): void {
    const quietMs = this.phase === Phase.idle && this.isReused ? nextMs : firstMs;
    if (this.phase > Phase.head || this.#host.coarseMs - this.#sinceMs < quietMs) return;
    if (this.phase === Phase.opening) this.destroy();
    else this.#leave();
  }

  /** The socket's. */
  opened(): void {
    this.phase = Phase.idle;
    if (!this.#host.hasRoom) this.#refuseUnread(TOO_MANY_CONNECTIONS);
  }

  /** The socket's. */
  received(bytes: Uint8Array): void {
    if (this.phase >= Phase.lingering) return;
    // A head has its time from its first byte on, however many pieces it comes in.
    if (this.phase !== Phase.head) this.#touch();
    if (this.intake.holds) this.intake.hold(bytes);
    else this.#read(bytes);
  }

  /** The socket's. */
  drained(): void {
    if (this.phase === Phase.gone) return;
    this.isFull = false;
    this.#touch();
    this.#answering?.clientDrained();
    this.#readHeld();
  }

  /** The socket's. */
  ended(): void {
    if (this.phase === Phase.gone) return;
    this.hasEnded = true;
    if (this.phase === Phase.switched) {
      this.#answering?.clientEnded();
    } else if (this.phase !== Phase.busy) {
      if (!this.intake.holds) this.#close();
    } else if (this.#reader?.isDone === true) {
      this.#touch();
      this.#host.limit(this, HALF_CLOSED_MS);
    } else {
      this.destroy();
    }
  }

  /** The socket's. */
  closed(): void {
    // Ended in order, both ways, it is not lost: the backend may not have taken all of it yet.
    const isWhole = this.hasEnded && this.isShut && this.#answering !== undefined;
    if (this.phase !== Phase.gone && !isWhole) this.#gone();
  }

  /** The wheel's call: perhaps something takes too long. */
  override expire(): void {
    const leftMs = patienceMs(this, this.#host.settings) - (this.#host.coarseMs - this.#sinceMs);
    this.#host.limit(this, leftMs > 0 ? Math.min(leftMs, LOOK_MS) : LOOK_MS);
    if (leftMs <= 0) this.#timedOut();
  }

  /** The answering's. */
  get isKept(): boolean {
    const mayFollow = !this.hasEnded || this.intake.holds;
    return mayFollow && this.#reader?.head.isKept === true && !this.#host.isClosing;
  }

  /** The answering's. */
  write(bytes: Uint8Array): Written {
    return this.#noted(this.#socket.write(bytes));
  }

  /** The answering's. */
  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.#noted(this.#socket.writeCopy(buffer, length));
  }

  /** The answering's. */
  switchProtocols(): void {
    this.phase = Phase.switched;
    this.#socket.probeWhenSilent();
    this.#reader?.beginBody(UNTIL_CLOSE);
    this.#readHeld();
    if (this.hasEnded) this.#answering?.clientEnded();
  }

  /** The answering's. */
  shutdown(): void {
    this.isShut = true;
    this.#touch();
    this.#socket.shutdown();
  }

  /** The answering's. */
  refuse(problem: Problem): void {
    // It has not even taken what came before the answer.
    if (this.isFull) {
      this.breakOff();
      return;
    }
    const isKept = this.isKept && this.#reader?.isDone === true;
    this.write(refusalBytes(problem, this.#reader?.head.method, isKept));
    this.answered(isKept);
  }

  /** The answering's. */
  answered(isKept: boolean): void {
    this.#answering = undefined;
    this.isReused = true;
    this.#touch();
    if (!isKept || this.#reader?.isDone !== true || (this.hasEnded && !this.intake.holds)) {
      this.#leaveOrClose();
      return;
    }
    this.#reader.reset();
    this.phase = Phase.idle;
    this.intake.pauseUpload(false);
    this.#readHeld();
  }

  /** The answering's. */
  breakOff(): void {
    this.#answering = undefined;
    this.destroy();
  }

  #touch(): void {
    this.#sinceMs = this.#host.coarseMs;
  }

  #noted(written: Written): Written {
    this.isFull = written === Written.full;
    this.#touch();
    return written;
  }

  /** Reads on, up to a request that has to wait for the one before it. */
  #read(bytes: Uint8Array): void {
    let at = 0;
    try {
      while (at < bytes.length && this.phase < Phase.lingering) {
        const answering = this.#answering;
        if (answering === undefined) {
          if (this.isFull) break;
          at = this.#readHead(bytes, at);
        } else {
          if (this.#reader?.isDone === true) break;
          at = answering.upload(bytes, at);
        }
      }
    } catch (error) {
      this.#unreadable(error);
      return;
    }
    if (at < bytes.length && this.phase < Phase.lingering) this.intake.hold(bytes.subarray(at));
  }

  #readHead(bytes: Uint8Array, from: number): number {
    this.#reader ??= new RequestReader(this.#host.settings.limits);
    const reader = this.#reader;
    const end = reader.readHead(bytes, from);
    if (end < 0) {
      this.phase = Phase.head;
      return bytes.length;
    }
    this.phase = Phase.busy;
    const answering = this.#host.answering(this, reader);
    this.#answering = answering;
    return answering.begin(reader, bytes, end);
  }

  #readHeld(): void {
    if (!this.intake.holds) return;
    // A request that is answered at once comes back here: the loop that reads it goes on.
    if (this.phase !== Phase.switched && (this.isFull || this.#answering !== undefined)) return;
    this.#read(this.intake.take() as Uint8Array);
    this.intake.settle();
  }

  /** What came is no request, or no body. */
  #unreadable(error: unknown): void {
    if (!(error instanceof Malformed)) {
      this.destroy();
      throw error;
    }
    if (this.#answering?.hasBegun === true) this.#answering.uploadBroke(malformedProblem(error));
    else this.#refuseUnread(malformedProblem(error));
  }

  #refuseUnread(problem: Problem): void {
    this.write(refusalBytes(problem, undefined, false));
    this.#answering = undefined;
    this.#leaveOrClose();
  }

  #timedOut(): void {
    // What lies in the kernel for a client that reads slowly still arrives, unless it is destroyed.
    if (this.isFull) this.destroy();
    else if (this.awaitsUpload) this.#answering?.uploadBroke(REQUEST_TIMEOUT);
    else if (this.phase === Phase.head) this.#refuseUnread(REQUEST_TIMEOUT);
    else if (this.phase === Phase.idle || this.phase === Phase.lingering) this.#close();
    else this.destroy();
  }

  /**
   * Closes it after what was written. While the client may be sending, closing would reset the connection, and
   * the client might lose what it has not read yet (RFC 9112 §9.6).
   */
  #leaveOrClose(): void {
    const isQuiet = this.#reader?.isDone === true && !this.intake.holds && !this.#host.isClosing;
    if (this.hasEnded || (isQuiet && this.phase !== Phase.switched)) this.#close();
    else this.#leave();
  }

  #leave(): void {
    this.phase = Phase.lingering;
    this.#touch();
    this.#host.limit(this, LINGER_MS);
    this.intake.discard();
    this.#socket.shutdown();
  }

  /** It is gone only when the socket says so: who closes the front waits for what the client has not taken. */
  #close(): void {
    this.phase = Phase.closing;
    this.#touch();
    if (this.#socket.isOpen) this.#socket.close();
    else this.#gone();
  }

  #gone(): void {
    this.phase = Phase.gone;
    const answering = this.#answering;
    this.#answering = undefined;
    answering?.clientLeft();
    this.#host.closed(this);
  }
}
