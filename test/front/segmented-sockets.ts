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

/** What tests tell requests apart by; it stands in each one's target. */
export const TOKEN = /k[0-9a-z]{4}/;

/**
 * Real sockets that hand on what comes in segments of a test's choosing, one in each turn of the event loop: as
 * the network might cut it, but the same in each run.
 */
export class SegmentedSockets implements SocketFactory {
  readonly #inner: SocketFactory;
  readonly #byPort = new Map<number, readonly number[]>();
  readonly #byToken = new Map<string, readonly number[]>();

  constructor(inner: SocketFactory) {
    this.#inner = inner;
  }

  /** Cuts what comes from the client at this port before these bytes, counted from the connection's first. */
  cutFrom(port: number, before: readonly number[]): void {
    this.#byPort.set(port, before);
  }

  /** Cuts what answers the request with this token before these bytes, counted from the answer's first. */
  cutAnswer(token: string, before: readonly number[]): void {
    this.#byToken.set(token, before);
  }

  connect(endpoint: Endpoint, events: SocketEvents): Socket {
    const segmented = new SegmentedSocket((written) => {
      const token = TOKEN.exec(written)?.[0];
      return token === undefined ? undefined : (this.#byToken.get(token) ?? []);
    });
    return segmented.between(this.#inner.connect(endpoint, segmented), () => events);
  }

  listen(at: ListenAt, accept: Accept): Promise<ListeningSocket> {
    return this.#inner.listen(at, (socket) => {
      const cutsAfter = (written: string) => (written === "" ? this.#byPort.get(socket.peerPort) : undefined);
      return new SegmentedSocket(cutsAfter).between(socket, accept);
    });
  }
}

class SegmentedSocket implements Socket, SocketEvents {
  readonly #cutsAfter: (written: string) => readonly number[] | undefined;
  #inner!: Socket;
  #events!: SocketEvents;
  #cuts: readonly number[] | undefined;
  readonly #waiting: Uint8Array[] = [];
  #position = 0;
  #isPaused = false;
  #isScheduled = false;
  /** What is told once all that came was. */
  readonly #last: (() => void)[] = [];
  #isOver = false;

  /** @param cutsAfter Where to cut what comes after this was written, or after nothing; undefined for as before. */
  constructor(cutsAfter: (written: string) => readonly number[] | undefined) {
    this.#cutsAfter = cutsAfter;
  }

  /** Puts it between a socket and the one who hears of it. */
  between(inner: Socket, accept: Accept): this {
    this.#inner = inner;
    this.#events = accept(this);
    return this;
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
    // Heads are written like this, and after a request's head another answer begins.
    const cuts = this.#cutsAfter(Buffer.from(buffer.subarray(0, length)).toString("latin1"));
    if (cuts !== undefined) {
      this.#cuts = cuts;
      this.#position = 0;
    }
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

  probeWhenSilent(): void {
    this.#inner.probeWhenSilent();
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
    this.#cuts ??= this.#cutsAfter("") ?? [];
    const end = this.#position + bytes.length;
    const inside = this.#cuts.filter((place) => place > this.#position && place < end);
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
    this.#last.push(() => this.#events.ended());
    this.#schedule();
  }

  closed(error: unknown): void {
    this.#last.push(() => this.#events.closed(error));
    // Nobody may resume a connection that is gone.
    this.#isPaused = false;
    this.#schedule();
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
    if (this.#isOver) {
      // All that is still told is that it is closed.
      this.#waiting.length = 0;
    } else if (this.#isPaused) {
      return;
    }
    const segment = this.#waiting.shift();
    if (segment !== undefined) this.#events.received(segment);
    else this.#last.shift()?.();
    if (this.#waiting.length + this.#last.length > 0) this.#schedule();
  }
}
