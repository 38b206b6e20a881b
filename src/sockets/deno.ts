import {
  type Endpoint,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  type TlsSettings,
  Written,
} from "./socket.ts";

/** The part of Deno that is used here. */
interface DenoApi {
  connect(options: { hostname: string; port: number }): Promise<DenoConnection>;
  connectTls(options: DenoTlsOptions & { port: number }): Promise<DenoConnection>;
  startTls(connection: DenoConnection, options: DenoTlsOptions): Promise<DenoConnection>;
}

interface DenoTlsOptions {
  hostname: string;
  caCerts?: string[];
  cert?: string;
  key?: string;
}

interface DenoConnection {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  /** With TLS, ends only when it is done. */
  handshake?(): Promise<unknown>;
  setNoDelay?(noDelay: boolean): void;
  ref(): void;
  unref(): void;
  close(): void;
}

const READ_BYTES = 65_536;
/** A read of at least this much is handed on with its buffer; a smaller one is copied out of it. */
const HANDED_ON_BYTES = 16_384;

/** `Deno.connect` and its relatives. */
export const denoSockets: SocketFactory = {
  connect: (endpoint, events) => new DenoSocket(endpoint, events),
};

class DenoSocket implements Socket {
  readonly #events: SocketEvents;
  #connection: DenoConnection | undefined;
  #buffer = new Uint8Array(READ_BYTES);
  #isWriting = false;
  /** What was to be written while a write was under way: at most one, since then the socket is full. */
  #next: Uint8Array | undefined;
  #isPaused = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(endpoint: Endpoint, events: SocketEvents) {
    this.#events = events;
    void this.#run(endpoint);
  }

  get isOpen(): boolean {
    return this.#connection !== undefined && !this.#isOver;
  }

  write(bytes: Uint8Array): Written {
    if (this.#connection === undefined || this.#isOver) return Written.none;
    if (this.#isWriting) {
      this.#next = bytes;
      return Written.full;
    }
    void this.#write(this.#connection, bytes);
    return Written.taken;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake?.();
  }

  setWaiting(isWaiting: boolean): void {
    if (this.#isOver) return;
    if (isWaiting) this.#connection?.ref();
    else this.#connection?.unref();
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake?.();
    this.#connection?.close();
  }

  /** From connecting to the end; tells of everything on the way. */
  async #run(endpoint: Endpoint): Promise<void> {
    let failure: unknown;
    try {
      const connection = await open(endpoint);
      this.#connection = connection;
      if (this.#isOver) connection.close();
      else {
        this.#events.opened();
        await this.#read(connection);
        if (!this.#isOver) this.#events.ended();
      }
    } catch (error) {
      // A read that this side broke off by closing is no failure, but nobody looks at it either.
      failure = error;
    }
    this.destroy();
    this.#events.closed(failure);
  }

  async #read(connection: DenoConnection): Promise<void> {
    for (;;) {
      while (this.#isPaused && !this.#isOver) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
      if (this.#isOver) return;
      const count = await connection.read(this.#buffer);
      if (count === null || this.#isOver) return;
      if (count >= HANDED_ON_BYTES) {
        const full = this.#buffer;
        this.#buffer = new Uint8Array(READ_BYTES);
        this.#events.received(full.subarray(0, count));
      } else {
        this.#events.received(this.#buffer.slice(0, count));
      }
    }
  }

  async #write(connection: DenoConnection, bytes: Uint8Array): Promise<void> {
    this.#isWriting = true;
    let rest = bytes;
    try {
      for (;;) {
        while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
        if (this.#next === undefined) break;
        rest = this.#next;
        this.#next = undefined;
      }
      this.#isWriting = false;
      if (!this.#isOver) this.#events.drained();
    } catch {
      // The reader meets the same end, after what the other side may still have sent, and tells of it.
    }
  }
}

async function open({ hostname, port, tls }: Endpoint): Promise<DenoConnection> {
  const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;
  if (tls === undefined) {
    const connection = await deno.connect({ hostname, port });
    connection.setNoDelay?.(true);
    return connection;
  }
  const connection = await openTls(deno, hostname, port, tls);
  await connection.handshake?.();
  return connection;
}

async function openTls(
  deno: DenoApi,
  hostname: string,
  port: number,
  tls: TlsSettings,
): Promise<DenoConnection> {
  if (!tls.verify) throw new Error("Deno cannot leave certificates unchecked");
  const caCerts = tls.ca === undefined ? {} : { caCerts: [tls.ca] };
  if (tls.cert !== undefined && tls.key !== undefined) {
    if (tls.serverName !== hostname) {
      throw new Error("Deno cannot show a certificate to a server with another name than its host's");
    }
    return deno.connectTls({ hostname, port, ...caCerts, cert: tls.cert, key: tls.key });
  }
  const plain = await deno.connect({ hostname, port });
  return deno.startTls(plain, { hostname: tls.serverName, ...caCerts });
}
