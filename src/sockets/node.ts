import { connect, isIP, type Socket as NetSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Endpoint, type Socket, type SocketEvents, type SocketFactory, Written } from "./socket.ts";

/** `node:net` and `node:tls`. */
export const nodeSockets: SocketFactory = {
  connect: (endpoint, events) => new NodeSocket(endpoint, events),
};

class NodeSocket implements Socket {
  readonly #socket: NetSocket;
  readonly #isTls: boolean;
  #isOpen = false;

  constructor(endpoint: Endpoint, events: SocketEvents) {
    const socket = open(endpoint);
    this.#socket = socket;
    this.#isTls = endpoint.tls !== undefined;
    let failure: unknown;
    socket.setNoDelay(true);
    socket.once(endpoint.tls === undefined ? "connect" : "secureConnect", () => {
      this.#isOpen = true;
      events.opened();
    });
    socket.on("data", (bytes: Uint8Array) => events.received(bytes));
    socket.on("drain", () => events.drained());
    socket.on("end", () => events.ended());
    socket.on("error", (error) => {
      failure = error;
    });
    socket.once("close", () => {
      this.#isOpen = false;
      events.closed(failure);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#socket.writable && !this.#socket.readableEnded;
  }

  write(bytes: Uint8Array): Written {
    if (!this.#socket.writable) return Written.none;
    return this.#socket.write(bytes) ? Written.taken : Written.full;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  setWaiting(isWaiting: boolean): void {
    if (isWaiting) this.#socket.ref();
    else this.#socket.unref();
  }

  close(): void {
    this.#isOpen = false;
    // `end` alone would wait for the other side, which may never close.
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#isOpen = false;
    // Node resets plain TCP only, and only once it is connected.
    if (this.#socket.connecting || this.#isTls) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}

function open({ hostname, port, tls }: Endpoint): NetSocket {
  // Not half open: when the other side has ended, nobody there will read an answer's request any more.
  if (tls === undefined) return connect({ host: hostname, port });
  return connectTls({
    host: hostname,
    port,
    // Addresses may not be asked for by SNI; they are checked against the certificate all the same.
    ...(isIP(tls.serverName) === 0 ? { servername: tls.serverName } : {}),
    rejectUnauthorized: tls.verify,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  });
}
