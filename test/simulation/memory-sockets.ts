import {
  type Accept,
  type Endpoint,
  type ListenAt,
  type ListeningSocket,
  NOBODY,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  Written,
} from "../../src/sockets/socket.ts";

/** Sockets without a network: what comes, and when, is what a test says, and all that is done to them is seen. */
export class MemorySockets implements SocketFactory {
  /** Those that were connected, in their order. They open when a test says so. */
  readonly connected: MemorySocket[] = [];
  #accept: Accept | undefined;

  connect(_: Endpoint, events: SocketEvents): Socket {
    const socket = new MemorySocket(events);
    this.connected.push(socket);
    return socket;
  }

  listen(_: ListenAt, accept: Accept): Promise<ListeningSocket> {
    this.#accept = accept;
    return Promise.resolve({ port: 80, fd: undefined, close() {} });
  }

  /** A client connects. */
  dial(): MemorySocket {
    if (this.#accept === undefined) throw new Error("nobody listens");
    const socket = new MemorySocket(NOBODY);
    socket.events = this.#accept(socket);
    if (!socket.isClosed) socket.events.opened();
    return socket;
  }

  /** The one that was connected last. */
  get last(): MemorySocket {
    const socket = this.connected.at(-1);
    if (socket === undefined) throw new Error("nothing was connected");
    return socket;
  }
}

/** One end of a connection, and the test is the other. It keeps the contract of `Socket`, and holds others to it. */
export class MemorySocket implements Socket {
  readonly peerAddress = "192.0.2.1";
  readonly peerPort = 1024;
  events: SocketEvents;
  /** All that was written, as latin-1. */
  written = "";
  /** After how many bytes, in all, it says that it is full. */
  room = Number.POSITIVE_INFINITY;
  isPaused = false;
  /** Whether the other side was told that nothing more comes. */
  isShut = false;
  /** Whether it was ended with no regard for what was written. */
  isDestroyed = false;
  isClosed = false;
  #isFull = false;
  #isClosing = false;

  constructor(events: SocketEvents) {
    this.events = events;
  }

  get isOpen(): boolean {
    return !this.#isClosing && !this.isClosed;
  }

  write(bytes: Uint8Array): Written {
    if (this.isShut || !this.isOpen) return Written.none;
    if (this.#isFull) throw new Error("written to a socket that is full");
    this.written += Buffer.from(bytes).toString("latin1");
    this.#isFull = this.written.length > this.room;
    return this.#isFull ? Written.full : Written.taken;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.write(buffer.slice(0, length));
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  probeWhenSilent(): void {}

  setWaiting(): void {}

  shutdown(): void {
    this.isShut = true;
  }

  close(): void {
    this.#isClosing = true;
    this.isShut = true;
    if (!this.#isFull) this.lose();
  }

  destroy(): void {
    this.isDestroyed = !this.isClosed;
    this.lose();
  }

  /** The other side accepted it. */
  open(): this {
    this.events.opened();
    return this;
  }

  /** These bytes come, also while it is paused: a few may. */
  receive(text: string): void {
    if (this.isOpen) this.events.received(new Uint8Array(Buffer.from(text, "latin1")));
  }

  /** The other side sends nothing more. */
  end(): void {
    if (this.isOpen) this.events.ended();
  }

  /**
   * The other side took what was written.
   *
   * @param room How many bytes more it takes before it is full again. Default: any number.
   */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.#isFull = false;
    this.room = this.written.length + room;
    if (this.#isClosing) this.lose();
    else if (!this.isClosed) this.events.drained();
  }

  /** It is over. */
  lose(error?: Error): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.events.closed(error);
  }
}
