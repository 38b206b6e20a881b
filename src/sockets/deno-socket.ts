import { plainAddress } from "./address.ts";
import type { DenoConnection } from "./deno-api.ts";
import { type Accept, NOBODY, type Socket, type SocketEvents, Written } from "./socket.ts";

const READ_BYTES = 65_536;
/** A read of at least this much is handed on with its buffer; a smaller one is copied out of it. */
const HANDED_ON_BYTES = 16_384;

/** A connection that Deno made or accepted. */
export class DenoSocket implements Socket {
  #events: SocketEvents = NOBODY;
  #connection: DenoConnection | undefined;
  #buffer = new Uint8Array(READ_BYTES);
  #isWriting = false;
  /** What was to be written while a write was under way: at most one, since then the socket is full. */
  #next: Uint8Array | undefined;
  #isPaused = false;
  /** Whether a read is under way, which will meet whatever becomes of the connection. */
  #isReading = false;
  /** Whether nothing more may be written. */
  #isShut = false;
  /** Whether only `closed` may still be told. */
  #isOver = false;
  #isReleased = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  /** A socket that is being connected. */
  static connect(opening: Promise<DenoConnection>, events: SocketEvents): DenoSocket {
    const socket = new DenoSocket();
    socket.#events = events;
    void socket.#run(opening);
    return socket;
  }

  /** A socket that was accepted. */
  static accept(connection: DenoConnection, accept: Accept): void {
    const socket = new DenoSocket();
    socket.#connection = connection;
    socket.#events = accept(socket);
    void socket.#run(connection.handshake === undefined ? connection : handshaken(connection));
  }

  get isOpen(): boolean {
    return this.#connection !== undefined && !this.#isOver;
  }

  get peerAddress(): string {
    return plainAddress(this.#connection?.remoteAddr.hostname ?? "");
  }

  get peerPort(): number {
    return this.#connection?.remoteAddr.port ?? 0;
  }

  write(bytes: Uint8Array): Written {
    if (this.#connection === undefined || this.#isShut) return Written.none;
    if (this.#isWriting) {
      // They would overtake those that wait.
      if (this.#next !== undefined) throw new Error("written to a socket that is full");
      this.#next = bytes;
      return Written.full;
    }
    void this.#write(this.#connection, bytes);
    return Written.taken;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    // Deno tells only later what it took.
    return this.write(new Uint8Array(buffer.subarray(0, length)));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake?.();
  }

  probeWhenSilent(): void {
    this.#connection?.setKeepAlive?.(true);
  }

  setWaiting(isWaiting: boolean): void {
    if (this.#isOver) return;
    if (isWaiting) this.#connection?.ref();
    else this.#connection?.unref();
  }

  shutdown(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    if (!this.#isWriting) this.#closeWrite();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isShut = true;
    // What comes meanwhile is read, or it would become a reset.
    if (this.#isWriting) this.resume();
    else this.#release();
  }

  destroy(): void {
    this.#isOver = true;
    this.#isShut = true;
    this.#release();
  }

  /** From connecting to the end; tells of everything on the way. */
  async #run(opening: DenoConnection | Promise<DenoConnection>): Promise<void> {
    try {
      const connection = opening instanceof Promise ? await opening : opening;
      this.#connection = connection;
      // Given up while it was connecting: there was nothing to close yet.
      if (this.#isOver && this.#isReleased) connection.close();
      else await this.#live(connection);
    } catch (error) {
      // A read that this side broke off by closing is no failure.
      if (!this.#isOver) this.#failure ??= error;
    }
    this.destroy();
    this.#events.closed(this.#failure);
  }

  async #live(connection: DenoConnection): Promise<void> {
    this.#events.opened();
    await this.#read(connection);
    if (!this.#isOver) this.#events.ended();
    while (!this.#isReleased) await this.#woken();
  }

  async #read(connection: DenoConnection): Promise<void> {
    for (;;) {
      while (this.#isPaused && !this.#isReleased) await this.#woken();
      if (this.#isReleased) return;
      this.#isReading = true;
      const count = await connection.read(this.#buffer);
      this.#isReading = false;
      if (count === null || this.#isReleased) return;
      if (this.#isOver) continue;
      if (count >= HANDED_ON_BYTES) {
        const full = this.#buffer;
        this.#buffer = new Uint8Array(READ_BYTES);
        this.#events.received(full.subarray(0, count));
      } else {
        this.#events.received(this.#buffer.slice(0, count));
      }
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
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
      this.#afterWrite();
    } catch (error) {
      // A reader meets the same end, after what the other side may still have sent, and tells of it.
      if (this.#isWriting && this.#isReading && !this.#isOver) return;
      if (!this.#isOver) this.#failure ??= error;
      this.destroy();
    }
  }

  #afterWrite(): void {
    if (this.#isOver) {
      this.#release();
      return;
    }
    if (this.#isShut) this.#closeWrite();
    this.#events.drained();
  }

  #closeWrite(): void {
    // It fails on a connection that is broken, and of that the reader tells.
    this.#connection?.closeWrite().catch(() => {});
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#next = undefined;
    this.#wake?.();
    this.#connection?.close();
  }
}

async function handshaken(connection: DenoConnection): Promise<DenoConnection> {
  await connection.handshake?.();
  return connection;
}
