import { plainAddress } from "./address.ts";
import { type Accept, SILENCE_MS, type Socket, type SocketEvents, Written } from "./socket.ts";

/** One set of functions for all sockets: each finds its own state in `data`. */
export const BUN_HANDLERS: Bun.SocketHandler<BunSocket> = {
  binaryType: "uint8array",
  open: (socket) => socket.data.onOpen(socket),
  handshake: (socket, isAuthorized, error) => socket.data.onHandshake(isAuthorized, error),
  data: (socket, bytes) => socket.data.onData(bytes as unknown as Uint8Array),
  drain: (socket) => socket.data.onDrain(),
  end: (socket) => socket.data.onEnd(),
  error: (socket, error) => socket.data.onError(error),
  close: (socket, error) => socket.data.onClose(error),
  connectError: (socket, error) => socket.data.onConnectError(error),
};

/** A socket of `Bun.connect` or `Bun.listen`. */
export class BunSocket implements Socket {
  readonly #isTls: boolean;
  /** Whether a certificate that nobody vouches for ends it. */
  readonly #verify: boolean;
  #events: SocketEvents;
  #socket: Bun.Socket<BunSocket> | undefined;
  /** What of the last write the kernel has not taken. */
  #rest: Uint8Array | undefined;
  #peer: string | undefined;
  /** Whether nothing more may be written. */
  #isShut = false;
  #isEnded = false;
  #isOver = false;
  #isClosed = false;
  #error: unknown;

  constructor(events: SocketEvents, isTls: boolean, verify: boolean) {
    this.#events = events;
    this.#isTls = isTls;
    this.#verify = verify;
  }

  get isOpen(): boolean {
    return !this.#isOver && this.#socket?.readyState === 1;
  }

  get peerAddress(): string {
    if (this.#peer === undefined) {
      const address = this.#socket?.remoteAddress;
      if (address === undefined) return "";
      this.#peer = plainAddress(address);
    }
    return this.#peer;
  }

  get peerPort(): number {
    return this.#socket?.remotePort ?? 0;
  }

  write(bytes: Uint8Array): Written {
    const taken = this.#take(bytes, bytes.length);
    if (taken === bytes.length) return Written.taken;
    if (taken < 0) return Written.none;
    this.#rest = bytes.subarray(taken);
    return Written.full;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    const taken = this.#take(buffer, length);
    if (taken === length) return Written.taken;
    if (taken < 0) return Written.none;
    this.#rest = new Uint8Array(buffer.subarray(taken, length));
    return Written.full;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  probeWhenSilent(): void {
    this.#socket?.setKeepAlive(true, SILENCE_MS);
  }

  setWaiting(isWaiting: boolean): void {
    if (isWaiting) this.#socket?.ref();
    else this.#socket?.unref();
  }

  shutdown(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    if (this.#rest === undefined) this.#socket?.shutdown();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isShut = true;
    // Bun's `end` drops what the kernel has not taken. What comes meanwhile is read, or it would become a reset.
    if (this.#rest === undefined) this.#socket?.end();
    else this.#socket?.resume();
  }

  destroy(): void {
    this.#isOver = true;
    this.#isShut = true;
    this.#rest = undefined;
    this.#socket?.terminate();
  }

  /** The listener's: it was accepted. */
  onAccept(socket: Bun.Socket<BunSocket>, accept: Accept): void {
    this.#socket = socket;
    this.#events = accept(this);
    // Refused at once: then nobody could hear of its end yet.
    if (this.#isClosed) this.#events.closed(this.#error);
    else if (!this.#isOver && !this.#isTls) this.#events.opened();
  }

  /** Bun's: it is connected. */
  onOpen(socket: Bun.Socket<BunSocket>): void {
    this.#socket = socket;
    // Given up while it was connecting.
    if (this.#isOver) socket.terminate();
    else if (!this.#isTls) this.#events.opened();
  }

  /** Bun's. For a listener's socket the first is whether the handshake succeeded: it asks for no certificate. */
  onHandshake(isAuthorized: boolean, error: Error | null): void {
    if (this.#isOver) return;
    if (isAuthorized || !this.#verify) {
      this.#events.opened();
    } else {
      this.#error = error ?? new Error("the TLS handshake failed");
      this.#socket?.terminate();
    }
  }

  /** Bun's. */
  onData(bytes: Uint8Array): void {
    if (!this.#isOver) this.#events.received(bytes);
  }

  /** Bun's: the kernel takes more. */
  onDrain(): void {
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      const taken = this.#socket?.write(rest) ?? -1;
      // Of a socket that is gone Bun tells itself.
      if (taken < 0) return;
      this.#rest = taken < rest.length ? rest.subarray(taken) : undefined;
      if (this.#rest !== undefined) return;
      if (this.#isOver) this.#socket?.end();
      else if (this.#isShut) this.#socket?.shutdown();
    }
    if (!this.#isOver) this.#events.drained();
  }

  /** Bun's: the other side sends nothing more. */
  onEnd(): void {
    this.#isEnded = true;
    if (!this.#isOver) this.#events.ended();
  }

  /** Bun's. */
  onError(error: Error): void {
    this.#error ??= error;
    // Also what one of our own functions threw comes here: whoever waits must not wait for ever.
    this.#socket?.terminate();
  }

  /** Bun's: it never came about. Of a Unix socket that is told from within `Bun.connect`. */
  onConnectError(error: Error): void {
    queueMicrotask(() => this.onClose(error));
  }

  /** Bun's: it is over. */
  onClose(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const failure = this.#error ?? error;
    // Once this side has ended, Bun tells of the other's end by closing alone.
    if (this.#isShut && !this.#isOver && !this.#isEnded && failure === undefined) this.onEnd();
    this.#isOver = true;
    this.#rest = undefined;
    this.#events.closed(failure);
  }

  /** How many of the first `length` bytes the kernel took; -1 if they cannot be written. */
  #take(buffer: Uint8Array, length: number): number {
    if (this.#isShut) return -1;
    // Bytes written now would overtake those that wait.
    if (this.#rest !== undefined) throw new Error("written to a socket that is full");
    return this.#socket?.write(buffer, 0, length) ?? -1;
  }
}
