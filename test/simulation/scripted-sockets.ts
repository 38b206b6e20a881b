import {
  type Accept,
  type Endpoint,
  type ListeningSocket,
  NOBODY,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  Written,
} from "../../src/sockets/socket.ts";

/** One end of a connection whose other end is the test: no kernel, no time, and a record of what was done. */
export class ScriptedSocket implements Socket {
  /** Who hears of it. */
  events: SocketEvents = NOBODY;
  isOpen = true;
  readonly peerAddress = "192.0.2.1";
  readonly peerPort = 50_000;
  /** Whether the next write fills it. */
  fills = false;
  isPaused = false;
  isProbed = false;
  /** What was done to it, in order. */
  readonly done: ("shutdown" | "close" | "destroy")[] = [];
  #isFull = false;
  #written = "";

  /** Gives what was written since the last call, as latin-1. */
  taken(): string {
    const text = this.#written;
    this.#written = "";
    return text;
  }

  /** The other side sends this. */
  receive(text: string): void {
    this.events.received(Buffer.from(text, "latin1"));
  }

  /**
   * The other side takes what was written.
   *
   * @param fills Whether the next write fills it again. Default false.
   */
  drain(fills = false): void {
    this.fills = fills;
    this.#isFull = false;
    this.events.drained();
  }

  /** It is over. */
  lose(error?: unknown): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.events.closed(error);
  }

  write(bytes: Uint8Array): Written {
    if (!this.isOpen || this.done.includes("shutdown")) return Written.none;
    if (this.#isFull) throw new Error("written to a socket that is full");
    this.#written += Buffer.from(bytes).toString("latin1");
    this.#isFull = this.fills;
    return this.fills ? Written.full : Written.taken;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.write(buffer.subarray(0, length));
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  probeWhenSilent(): void {
    this.isProbed = true;
  }

  setWaiting(): void {}

  shutdown(): void {
    if (!this.done.includes("shutdown")) this.done.push("shutdown");
  }

  close(): void {
    if (!this.isOpen) return;
    this.done.push("close");
    this.lose();
  }

  destroy(): void {
    if (!this.isOpen) return;
    this.done.push("destroy");
    this.lose();
  }
}

/** Connections that the test opens, and those that are opened towards it. */
export class ScriptedSockets implements SocketFactory {
  /** Every connection that was made, in order. They are open once the test says so. */
  readonly connected: ScriptedSocket[] = [];
  #accept: Accept | undefined;

  connect(_endpoint: Endpoint, events: SocketEvents): Socket {
    const socket = new ScriptedSocket();
    socket.events = events;
    this.connected.push(socket);
    return socket;
  }

  async listen(_at: unknown, accept: Accept): Promise<ListeningSocket> {
    this.#accept = accept;
    return { port: 1, fd: undefined, close() {} };
  }

  /** Somebody connects to what is listened on. */
  arrive(): ScriptedSocket {
    if (this.#accept === undefined) throw new Error("nobody listens");
    const socket = new ScriptedSocket();
    socket.events = this.#accept(socket);
    socket.events.opened();
    return socket;
  }
}
