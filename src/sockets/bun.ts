import { type Endpoint, type Socket, type SocketEvents, type SocketFactory, Written } from "./socket.ts";

/** `Bun.connect`. */
export const bunSockets: SocketFactory = {
  connect: (endpoint, events) => new BunSocket(endpoint, events),
};

/** One set of functions for all sockets: each finds its own state in `data`. */
const HANDLERS: Bun.SocketHandler<BunSocket> = {
  binaryType: "uint8array",
  open: (socket) => socket.data.onOpen(socket),
  handshake: (socket, isAuthorized, error) => socket.data.onHandshake(isAuthorized, error),
  data: (socket, bytes) => socket.data.events.received(bytes as unknown as Uint8Array),
  drain: (socket) => socket.data.onDrain(),
  end: (socket) => socket.data.events.ended(),
  error: (socket, error) => socket.data.onError(error),
  close: (socket, error) => socket.data.onClose(error),
  connectError: (socket, error) => socket.data.onClose(error),
};

class BunSocket implements Socket {
  readonly events: SocketEvents;
  readonly #isTls: boolean;
  readonly #verify: boolean;
  #socket: Bun.Socket<BunSocket> | undefined;
  /** What of the last write the kernel has not taken. */
  #rest: Uint8Array | undefined;
  #isOver = false;
  #isClosed = false;
  #error: unknown;

  constructor(endpoint: Endpoint, events: SocketEvents) {
    this.events = events;
    const { hostname, port, tls } = endpoint;
    this.#isTls = tls !== undefined;
    this.#verify = tls?.verify ?? true;
    const options: Bun.TCPSocketConnectOptions<BunSocket> = { hostname, port, data: this, socket: HANDLERS };
    // Bun takes an empty object for no TLS at all, so the name is always there.
    if (tls !== undefined) options.tls = tlsOptions(tls);
    // What it rejects with was told to `connectError` before.
    Bun.connect(options).catch(ignoreToldError);
  }

  get isOpen(): boolean {
    return !this.#isOver && this.#socket?.readyState === 1;
  }

  write(bytes: Uint8Array): Written {
    // Bytes written now would overtake those that wait.
    if (this.#rest !== undefined) throw new Error("written to a socket that is full");
    const taken = this.#socket?.write(bytes) ?? -1;
    if (taken === bytes.length) return Written.taken;
    if (taken < 0) return Written.none;
    this.#rest = bytes.subarray(taken);
    return Written.full;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  setWaiting(isWaiting: boolean): void {
    if (isWaiting) this.#socket?.ref();
    else this.#socket?.unref();
  }

  close(): void {
    this.#isOver = true;
    this.#socket?.end();
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket?.terminate();
  }

  onOpen(socket: Bun.Socket<BunSocket>): void {
    this.#socket = socket;
    // Given up while it was connecting.
    if (this.#isOver) socket.terminate();
    else if (!this.#isTls) this.events.opened();
  }

  onHandshake(isAuthorized: boolean, error: Error | null): void {
    if (this.#isOver) return;
    if (isAuthorized || !this.#verify) {
      this.events.opened();
    } else {
      this.#error = error ?? new Error("the TLS handshake failed");
      this.#socket?.terminate();
    }
  }

  onDrain(): void {
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      this.#rest = undefined;
      if (this.write(rest) !== Written.taken) return;
    }
    this.events.drained();
  }

  onError(error: Error): void {
    this.#error ??= error;
    // Also what one of our own functions threw comes here: whoever waits must not wait for ever.
    this.#socket?.terminate();
  }

  onClose(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOver = true;
    this.events.closed(this.#error ?? error);
  }
}

function tlsOptions({ serverName, ca, cert, key, verify }: NonNullable<Endpoint["tls"]>): Bun.TLSOptions {
  return {
    serverName,
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function ignoreToldError(): void {}
