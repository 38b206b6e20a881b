import type {
  Accept,
  Endpoint,
  ListenAt,
  ListeningSocket,
  Socket,
  SocketEvents,
  SocketFactory,
  Written,
} from "../../src/sockets/socket.ts";

/**
 * Real sockets whose accepted connections hand on what comes in segments of a test's choosing, one in each turn
 * of the event loop: as the network might cut it, but the same in each run.
 */
export class SegmentedSockets implements SocketFactory {
  readonly #inner: SocketFactory;
  readonly #cuts = new Map<number, readonly number[]>();

  constructor(inner: SocketFactory) {
    this.#inner = inner;
  }

  /** Cuts what comes from the client at this port before these bytes, counted from the connection's first. */
  cut(port: number, before: readonly number[]): void {
    this.#cuts.set(port, before);
  }

  connect(endpoint: Endpoint, events: SocketEvents): Socket {
    return this.#inner.connect(endpoint, events);
  }

  listen(at: ListenAt, accept: Accept): Promise<ListeningSocket> {
    return this.#inner.listen(at, (socket) => new SegmentedSocket(socket, accept, this.#cuts));
  }
}

class SegmentedSocket implements Socket, SocketEvents {
  readonly #inner: Socket;
  readonly #events: SocketEvents;
  readonly #cuts: Map<number, readonly number[]>;
  readonly #waiting: Uint8Array[] = [];
  #position = 0;
  #isPaused = false;
  #isScheduled = false;
  #hasEnded = false;
  #isOver = false;

  constructor(inner: Socket, accept: Accept, cuts: Map<number, readonly number[]>) {
    this.#inner = inner;
    this.#cuts = cuts;
    this.#events = accept(this);
  }

  get isOpen(): boolean {
    return this.#inner.isOpen;
  }

  get peerAddress(): string {
    return this.#inner.peerAddress;
  }

  get peerPort(): number {
    return this.#inner.peerPort;
  }

  write(bytes: Uint8Array): Written {
    return this.#inner.write(bytes);
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.#inner.writeCopy(buffer, length);
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#inner.resume();
    this.#schedule();
  }

  setWaiting(isWaiting: boolean): void {
    this.#inner.setWaiting(isWaiting);
  }

  shutdown(): void {
    this.#inner.shutdown();
  }

  close(): void {
    this.#isOver = true;
    this.#inner.close();
  }

  destroy(): void {
    this.#isOver = true;
    this.#inner.destroy();
  }

  opened(): void {
    this.#events.opened();
  }

  received(bytes: Uint8Array): void {
    const before = this.#cuts.get(this.#inner.peerPort) ?? [];
    const end = this.#position + bytes.length;
    const inside = before.filter((place) => place > this.#position && place < end);
    let from = this.#position;
    for (const place of [...inside, end]) {
      // Memory of its own, as a segment's is.
      this.#waiting.push(bytes.slice(from - this.#position, place - this.#position));
      from = place;
    }
    this.#position = end;
    this.#schedule();
  }

  drained(): void {
    this.#events.drained();
  }

  ended(): void {
    this.#hasEnded = true;
    this.#schedule();
  }

  closed(error: unknown): void {
    this.#isOver = true;
    this.#events.closed(error);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isPaused || this.#isOver) return;
    const segment = this.#waiting.shift();
    if (segment !== undefined) this.#events.received(segment);
    if (this.#waiting.length > 0) {
      this.#schedule();
    } else if (this.#hasEnded && !this.#isOver && !this.#isPaused) {
      this.#hasEnded = false;
      this.#events.ended();
    }
  }
}
