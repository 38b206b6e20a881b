import type { Written } from "../../sockets/socket.ts";
import type { ResponseReader } from "./response-reader.ts";

/** What holds a request at the moment: a connection, or the queue for one. */
export interface Holder {
  /** The request was given up: nobody waits for its answer any more. It `fail`s with the reason. */
  abandon(sending: Sending, reason: unknown): void;
}

/** The way to the backend, for the one request that has it. */
export interface Channel extends Holder {
  /** Writes bytes that nobody changes afterwards. Not while it is full. */
  write(bytes: Uint8Array): Written;
  /** Writes the first `length` bytes of a buffer that is used again at once. Not while it is full. */
  writeCopy(buffer: Uint8Array, length: number): Written;
  /** From now on the connection is another protocol's, both ways. */
  switchProtocols(): void;
  /** Nothing more is going to be written, and the backend is to know. Only after `switchProtocols`. */
  shutdown(): void;
  /** The answer comes too fast: no more of it for now. */
  pause(): void;
  /** More of it may come. */
  resume(): void;
}

/**
 * One request from when it is handed over to the end of its answer, on however many connections it takes, one
 * after another. Whoever wants something sent is one of these, and hears from it what comes back.
 */
export interface Sending {
  /** Whoever holds it sets this, and nobody else. */
  holder: Holder | undefined;
  readonly method: string;
  /** Whether repeating the request is harmless (RFC 9110 §9.2.2). */
  readonly idempotent: boolean;
  /** Whether it asks for another protocol, so that 101 may be its answer (RFC 9110 §7.8). */
  readonly offersUpgrade: boolean;
  /** Whether all of it was written. */
  readonly isWritten: boolean;
  /**
   * Whether it may go on another connection after one that had served others closed before it gave a byte of
   * an answer. Such a connection was most likely closed before the request came there, but nobody knows
   * (RFC 9112 §9.3.1, RFC 9110 §9.2.2). If it may, it does: nothing of it counts as sent from then on.
   *
   * @param wasWritten Whether any of it was written.
   */
  mayRepeat(wasWritten: boolean): boolean;
  /** It has a connection: writes its head, and what there is of its body. */
  start(channel: Channel): void;
  /** The connection takes more again. */
  drained(): void;
  /** An interim answer came (RFC 9110 §15.2): its head is in the reader. */
  interim(reader: ResponseReader): void;
  /**
   * The head of the answer came, and is in the reader. Takes what is there of the body.
   *
   * @param from Where the body begins.
   * @returns How far the body was read.
   * @throws Malformed
   */
  answer(reader: ResponseReader, bytes: Uint8Array, from: number): number;
  /**
   * Takes more of the answer's body.
   *
   * @returns How far it was read: less than all if the body ended before.
   * @throws Malformed
   */
  take(reader: ResponseReader, bytes: Uint8Array): number;
  /**
   * The backend sends nothing more on a connection that is another protocol's, but may go on reading. `finish`
   * follows once `shutdown` was called.
   */
  ended(): void;
  /** The answer is whole: nobody holds the request any more. */
  finish(): void;
  /** There will be no answer, or no end of it: nobody holds the request any more. */
  fail(error: unknown): void;
}
