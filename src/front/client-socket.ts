import { Deadline } from "../core/deadlines.ts";
import { type Socket, Written } from "../sockets/socket.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { Intake } from "./intake.ts";
import { LINGER_MS, LOOK_MS, Phase, patienceMs, type Waiting } from "./phase.ts";

/** One client's socket: what is written to it, how long nothing may happen on it, and how it comes to its end. */
export abstract class ClientSocket extends Deadline implements Waiting {
  /** What it is doing. */
  phase: Phase = Phase.opening;
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
  protected readonly host: ConnectionHost;
  protected readonly socket: Socket;
  /** When something last happened, by the coarse clock. */
  #sinceMs: number;

  constructor(host: ConnectionHost, socket: Socket) {
    super();
    this.host = host;
    this.socket = socket;
    this.intake = new Intake(socket);
    // In this order: the coarse clock stands still while nothing is limited.
    host.limit(this, LOOK_MS);
    this.#sinceMs = host.coarseMs;
  }

  /** Whether more of a request's body is to come, and wanted. */
  abstract get awaitsUpload(): boolean;

  /** Nothing happened for too long. */
  protected abstract timedOut(): void;

  /** It is gone. */
  protected abstract gone(): void;

  /** Writes bytes that nobody changes afterwards. Not while it is full. */
  write(bytes: Uint8Array): Written {
    return this.#noted(this.socket.write(bytes));
  }

  /** Writes the first `length` bytes of a buffer that is used again at once. Not while it is full. */
  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.#noted(this.socket.writeCopy(buffer, length));
  }

  /** Closes it, in the middle of whatever it does. */
  destroy(): void {
    if (this.phase === Phase.gone) return;
    this.socket.destroy();
    this.gone();
  }

  /**
   * Tells the client that no more requests are taken, if none is under way and none has come for long enough.
   *
   * @param nextMs How long that is for the next request, in milliseconds.
   * @param firstMs The same for the first one, and for the rest of a head.
   */
  leaveIfQuiet(nextMs: number, firstMs: number): void {
    const quietMs = this.phase === Phase.idle && this.isReused ? nextMs : firstMs;
    if (this.phase > Phase.head || this.host.coarseMs - this.#sinceMs < quietMs) return;
    if (this.phase === Phase.opening) this.destroy();
    else this.leave();
  }

  /** The wheel's call: perhaps something takes too long. */
  override expire(): void {
    const leftMs = patienceMs(this, this.host.settings) - (this.host.coarseMs - this.#sinceMs);
    this.host.limit(this, leftMs > 0 ? Math.min(leftMs, LOOK_MS) : LOOK_MS);
    if (leftMs <= 0) this.timedOut();
  }

  /** Something happened. */
  protected touch(): void {
    this.#sinceMs = this.host.coarseMs;
  }

  /**
   * Tells the client that nothing more comes, and throws away what it still sends: to close while it may be
   * sending would reset the connection, and it might lose what it has not read yet (RFC 9112 §9.6).
   */
  protected leave(): void {
    this.phase = Phase.lingering;
    this.touch();
    this.host.limit(this, LINGER_MS);
    this.intake.discard();
    this.socket.shutdown();
  }

  /** It is gone only when the socket says so: who closes the front waits for what the client has not taken. */
  protected close(): void {
    this.phase = Phase.closing;
    this.touch();
    if (this.socket.isOpen) this.socket.close();
    else this.gone();
  }

  #noted(written: Written): Written {
    this.isFull = written === Written.full;
    this.touch();
    return written;
  }
}
