import { UNTIL_CLOSE } from "../http1/framing.ts";
import { Malformed } from "../http1/malformed.ts";
import type { RequestOrigins } from "../proxy/changed-request.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { INTERNAL_ERROR, type Problem } from "../proxy/problem.ts";
import type { Socket, SocketEvents } from "../sockets/socket.ts";
import type { Answering, ClientChannel } from "./answering.ts";
import { ClientSocket } from "./client-socket.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { HALF_CLOSED_MS, Phase } from "./phase.ts";
import { malformedProblem, REQUEST_TIMEOUT, refusalBytes, TOO_MANY_CONNECTIONS } from "./refusal.ts";
import { Relay } from "./relay.ts";
import type { RelayService } from "./relay-service.ts";
import { RequestReader } from "./request-reader.ts";

/** So many relays are kept for one connection: a client seldom asks for more than a few services in turn. */
const MOST_RELAYS = 4;

/** One client's connection: reads requests from it, has each answered, and writes the answers in their order. */
export class ClientConnection extends ClientSocket implements SocketEvents, ClientChannel {
  readonly client: ClientInfo;
  /** What has relayed its requests: one for each service that they went to, the last few. */
  readonly #relays: Relay[] = [];
  #reader: RequestReader | undefined;
  #answering: Answering | undefined;

  /** @param client What is told of the client. */
  constructor(host: ConnectionHost, socket: Socket, client: ClientInfo) {
    super(host, socket);
    this.client = client;
  }

  /** The front's: what relays a request with this service. Between two requests, it may be given another one. */
  relayWith(service: RelayService): Answering {
    for (const relay of this.#relays) if (relay.service === service) return relay;
    const relay = new Relay(service, this);
    if (this.#relays.length === MOST_RELAYS) this.#relays.shift();
    this.#relays.push(relay);
    return relay;
  }

  /** Whether more of the request's body is to come, and wanted. */
  override get awaitsUpload(): boolean {
    return this.phase === Phase.busy && this.#reader?.isDone === false && !this.intake.isUploadPaused;
  }

  /** The socket's. */
  opened(): void {
    this.phase = Phase.idle;
    if (!this.host.hasRoom) this.#refuseUnread(TOO_MANY_CONNECTIONS);
  }

  /** The socket's. */
  received(bytes: Uint8Array): void {
    if (this.phase >= Phase.lingering) return;
    // A head has its time from its first byte on, however many pieces it comes in.
    if (this.phase !== Phase.head) this.touch();
    if (this.intake.holds) this.intake.hold(bytes);
    else this.#read(bytes);
  }

  /** The socket's. */
  drained(): void {
    if (this.phase === Phase.gone) return;
    this.isFull = false;
    this.touch();
    this.#answering?.clientDrained();
    this.#readHeld();
  }

  /** The socket's. */
  ended(): void {
    if (this.phase === Phase.gone) return;
    this.hasEnded = true;
    if (this.phase === Phase.switched) this.#answering?.clientEnded();
    else if (!this.intake.holds || this.phase === Phase.busy) this.#takeEnd();
  }

  /** The socket's. */
  closed(): void {
    // Ended in order, both ways, it is not lost: the backend may not have taken all of it yet.
    const isWhole = this.hasEnded && this.isShut && this.#answering !== undefined;
    if (this.phase !== Phase.gone && !isWhole) this.gone();
  }

  /** The answering's. */
  get isKept(): boolean {
    const mayFollow = !this.hasEnded || this.intake.holds;
    return mayFollow && this.#reader?.head.isKept === true && !this.host.isClosing;
  }

  /** The answering's. */
  switchProtocols(): void {
    this.phase = Phase.switched;
    this.socket.probeWhenSilent();
    this.#reader?.beginBody(UNTIL_CLOSE);
    this.#readHeld();
    if (this.hasEnded) this.#answering?.clientEnded();
  }

  /** The answering's. */
  shutdown(): void {
    this.isShut = true;
    this.touch();
    this.socket.shutdown();
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
    this.touch();
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
  relayInstead(service: RelayService, head: Uint8Array, origins: RequestOrigins | undefined): void {
    const reader = new RequestReader(this.host.settings.limits);
    reader.origins = origins;
    let end: number;
    try {
      end = reader.readHead(head, 0);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      // What came was a request: it is a middleware that has made something else of it.
      this.refuse(INTERNAL_ERROR);
      return;
    }
    this.#reader = reader;
    this.#answering = this.relayWith(service);
    this.#answering.begin(reader, head, end);
  }

  /** The answering's. */
  breakOff(): void {
    this.#answering = undefined;
    this.destroy();
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
    this.#reader ??= new RequestReader(this.host.settings.limits);
    const reader = this.#reader;
    const end = reader.readHead(bytes, from);
    if (end < 0) {
      this.phase = Phase.head;
      return bytes.length;
    }
    this.phase = Phase.busy;
    const answering = this.host.answering(this, reader);
    this.#answering = answering;
    return answering.begin(reader, bytes, end);
  }

  #readHeld(): void {
    if (!this.intake.holds) return;
    // A request that is answered at once comes back here: the loop that reads it goes on.
    if (this.phase !== Phase.switched && (this.isFull || this.#answering !== undefined)) return;
    this.#read(this.intake.take() as Uint8Array);
    this.intake.settle();
    // The rest of a request that was cut would be waited for in vain.
    if (this.hasEnded && !this.intake.holds && this.phase < Phase.switched) this.#takeEnd();
  }

  /** Nothing more comes after what was read: the request under way is the last, and must be whole. */
  #takeEnd(): void {
    if (this.phase !== Phase.busy) {
      this.close();
    } else if (this.#reader?.isDone === true) {
      this.touch();
      this.host.limit(this, HALF_CLOSED_MS);
    } else {
      this.destroy();
    }
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

  /** Says why there will be no answer, to a client that may be sending still. */
  #refuseUnread(problem: Problem): void {
    this.write(refusalBytes(problem, undefined, false));
    this.#answering = undefined;
    this.leave();
  }

  protected override timedOut(): void {
    // What lies in the kernel for a client that reads slowly still arrives, unless it is destroyed.
    if (this.isFull) this.destroy();
    else if (this.awaitsUpload) this.#answering?.uploadBroke(REQUEST_TIMEOUT);
    else if (this.phase === Phase.head) this.#refuseUnread(REQUEST_TIMEOUT);
    else if (this.phase === Phase.idle || this.phase === Phase.lingering) this.close();
    else this.destroy();
  }

  /** Closes it after what was written. */
  #leaveOrClose(): void {
    const isQuiet = this.#reader?.isDone === true && !this.intake.holds && !this.host.isClosing;
    if (this.hasEnded || (isQuiet && this.phase !== Phase.switched)) this.close();
    else this.leave();
  }

  protected override gone(): void {
    this.phase = Phase.gone;
    const answering = this.#answering;
    this.#answering = undefined;
    answering?.clientLeft();
    this.host.closed(this);
  }
}
