import type { RequestOrigins } from "../proxy/changed-request.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { Problem } from "../proxy/problem.ts";
import type { Written } from "../sockets/socket.ts";
import type { Intake } from "./intake.ts";
import type { RelayService } from "./relay-service.ts";
import type { RequestReader } from "./request-reader.ts";

/** A client's connection, for the one request on it that is being answered. */
export interface ClientChannel {
  readonly client: ClientInfo;
  /** What the client sends: it can be held up. */
  readonly intake: Intake;
  /** Whether nothing may be written before `clientDrained`. */
  readonly isFull: boolean;
  /** Whether the connection takes another request after this one, as far as is known now. */
  readonly isKept: boolean;
  /** Writes bytes that nobody changes afterwards. Not while it is full. */
  write(bytes: Uint8Array): Written;
  /** Writes the first `length` bytes of a buffer that is used again at once. Not while it is full. */
  writeCopy(buffer: Uint8Array, length: number): Written;
  /** From now on the connection is another protocol's, both ways. `clientEnded` may follow at once. */
  switchProtocols(): void;
  /** Nothing more is going to be written, and the client is to know. Only after `switchProtocols`. */
  shutdown(): void;
  /**
   * Answers with a problem of the balancer's own, or breaks off if the client does not take it: the request is
   * over. Only while nothing of an answer was written but interim ones.
   */
  refuse(problem: Problem): void;
  /**
   * The answer was written whole: the request is over.
   *
   * @param isKept Whether the connection takes another one.
   */
  answered(isKept: boolean): void;
  /**
   * Relays the request from here on, whose head is this. Only while nothing of an answer was written, and the request
   * has no body.
   *
   * @param origins What is to be known of the head that it does not say; undefined if it is the client's own.
   */
  relayInstead(service: RelayService, head: Uint8Array, origins: RequestOrigins | undefined): void;
  /** The answer cannot come to its end: the client has to see that. The request is over. */
  breakOff(): void;
}

/** What answers a request of a client's connection. */
export interface Answering {
  /** Whether a request is being answered. */
  readonly hasBegun: boolean;
  /**
   * Begins with a request whose head was read.
   *
   * @param from Where its body begins in these bytes.
   * @returns How far the body was read.
   * @throws Malformed if the body cannot be read; then nothing has begun.
   */
  begin(reader: RequestReader, bytes: Uint8Array, from: number): number;
  /**
   * More of the body came.
   *
   * @returns How far it was read: less than all if the body ended before.
   * @throws Malformed if it cannot be read further; `uploadBroke` follows.
   */
  upload(bytes: Uint8Array, from: number): number;
  /** The rest of the body will not come. Ends in `refuse` with this problem, or in `breakOff`. */
  uploadBroke(problem: Problem): void;
  /** The client takes more again. */
  clientDrained(): void;
  /** The client sends nothing more, on a connection that is another protocol's. */
  clientEnded(): void;
  /** The client is gone. The request is over. */
  clientLeft(): void;
}
