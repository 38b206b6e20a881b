import type { Socket as NetSocket } from "node:net";
import { plainAddress } from "./address.ts";
import {
  type Accept,
  type Endpoint,
  NOBODY,
  SILENCE_MS,
  type Socket,
  type SocketEvents,
  Written,
} from "./socket.ts";

/** A socket of `node:net`, or of `node:tls` on one. */
export class NodeSocket implements Socket {
  /** The one that is read and written: with TLS and accepted, not before the handshake is done. */
  #socket: NetSocket;
  /** The one of plain TCP, below TLS if need be, where it is known: Node resets no other. */
  readonly #plain: NetSocket | undefined;
  #events: SocketEvents = NOBODY;
  #isOpened = false;
  /** Whether only `closed` may still be told. */
  #isOver = false;
  #failure: unknown;

  private constructor(socket: NetSocket, plain: NetSocket | undefined) {
    this.#socket = socket;
    this.#plain = plain;
  }

  /** A socket that is being connected. */
  static connect(socket: NetSocket, endpoint: Endpoint, events: SocketEvents): NodeSocket {
    const isUnix = "path" in endpoint;
    const isTls = !isUnix && endpoint.tls !== undefined;
    const made = new NodeSocket(socket, isUnix || isTls ? undefined : socket);
    made.#events = events;
    socket.setNoDelay(true);
    socket.once(isTls ? "secureConnect" : "connect", () => made.#open());
    made.#follow(socket);
    return made;
  }

  /** A socket that was accepted, without TLS. */
  static accept(socket: NetSocket, accept: Accept): void {
    const made = new NodeSocket(socket, socket);
    made.#events = accept(made);
    made.#follow(socket);
    made.#open();
  }

  /** A socket that was accepted and whose handshake is to come: `secured` or its end follows. */
  static acceptTls(plain: NetSocket, accept: Accept): NodeSocket {
    const made = new NodeSocket(plain, plain);
    made.#events = accept(made);
    plain.on("error", (error) => made.failed(error));
    plain.once("close", () => {
      if (made.#isOpened) return;
      if (!made.#isOver) made.#failure ??= new Error("the TLS handshake failed");
      made.#close();
    });
    return made;
  }

  /** The handshake is done: from now on this is what is read and written. */
  secured(socket: NetSocket): void {
    this.#socket = socket;
    this.#follow(socket);
    this.#open();
  }

  /** Why it will be over soon. */
  failed(error: unknown): void {
    this.#failure ??= error;
  }

  get isOpen(): boolean {
    return this.#isOpened && !this.#isOver;
  }

  get peerAddress(): string {
    return plainAddress(this.#socket.remoteAddress ?? "");
  }

  get peerPort(): number {
    return this.#socket.remotePort ?? 0;
  }

  write(bytes: Uint8Array): Written {
    if (!this.#socket.writable) return Written.none;
    return this.#socket.write(bytes) ? Written.taken : Written.full;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    // Node tells only later what the kernel took.
    return this.write(Buffer.from(buffer.subarray(0, length)));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  probeWhenSilent(): void {
    this.#socket.setKeepAlive(true, SILENCE_MS);
  }

  setWaiting(isWaiting: boolean): void {
    if (isWaiting) this.#socket.ref();
    else this.#socket.unref();
  }

  shutdown(): void {
    this.#socket.end();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // What comes meanwhile is read, or it would become a reset.
    this.#socket.resume();
    // `end` alone would wait for the other side, which may never close.
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#isOver = true;
    // One that is not connected yet would connect first, to be reset.
    if (this.#plain === undefined || this.#plain.connecting || this.#plain.destroyed) this.#socket.destroy();
    else this.#plain.resetAndDestroy();
  }

  #open(): void {
    if (this.#isOver) return;
    this.#isOpened = true;
    this.#events.opened();
  }

  #follow(socket: NetSocket): void {
    socket.on("data", (bytes: Uint8Array) => {
      if (!this.#isOver) this.#events.received(bytes);
    });
    socket.on("drain", () => {
      if (!this.#isOver) this.#events.drained();
    });
    socket.on("end", () => {
      if (!this.#isOver) this.#events.ended();
    });
    socket.on("error", (error) => this.failed(error));
    socket.once("close", () => this.#close());
  }

  #close(): void {
    this.#isOver = true;
    this.#events.closed(this.#failure);
  }
}
