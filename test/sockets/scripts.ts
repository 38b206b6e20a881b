/** What the listening side of the contract does with each connection: its first line says which of these. */
import {
  type ListeningSocket,
  type ServerTls,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  Written,
} from "../../src/sockets/socket.ts";

/** What a connection has seen so far, as the command `report` tells it. */
export interface Account {
  /** The command, empty while none came. */
  command: string;
  /** The events but `received`, in order. */
  events: string[];
  /** Bytes that came after the command. */
  received: number;
  /** Bytes that were given to `write` or `writeCopy`. */
  written: number;
  /** The message of what `closed` was told. */
  error: string;
  isOpen: boolean;
}

/** Where the scripts listen. */
export interface Places {
  readonly plain: number;
  readonly secure: number;
  /** The code of what a second listener on the same port was rejected with. */
  readonly taken: string;
  /** The same, where both had asked to share the port. */
  readonly shared: string;
  readonly hasDescriptor: boolean;
}

/** The size of what is written at once where a lot is written. */
export const PIECE_BYTES = 65_536;

const LINE_FEED = 10;

const encoder = new TextEncoder();

/** The byte at each place of a piece: it tells pieces and places apart. */
export function patternAt(piece: number, place: number): number {
  return (piece * 31 + place) % 251;
}

function fill(buffer: Uint8Array, piece: number): Uint8Array {
  for (let place = 0; place < buffer.length; place++) buffer[place] = patternAt(piece, place);
  return buffer;
}

/** Listens with and without TLS, on the addresses that `hostname` stands for. */
export class Stage {
  readonly #factory: SocketFactory;
  readonly #sides: Side[] = [];
  #listeners: ListeningSocket[] = [];

  constructor(factory: SocketFactory) {
    this.#factory = factory;
  }

  async listen(tls: ServerTls, hostname?: string): Promise<Places> {
    const accept = (socket: Socket): SocketEvents => {
      const side = new Side(socket, this);
      this.#sides.push(side);
      return side;
    };
    const at = (port: number, secure: ServerTls | undefined, reusePort = false) =>
      this.#factory.listen({ hostname, port, tls: secure, reusePort }, accept);
    const codeOf = (again: Promise<ListeningSocket>) =>
      again.then(
        (listener) => {
          listener.close();
          return "none";
        },
        (error: unknown) => String((error as { code?: unknown }).code),
      );
    const plain = await at(0, undefined);
    const secure = await at(0, tls);
    this.#listeners = [plain, secure];
    const shared = await at(0, undefined, true);
    const places = {
      plain: plain.port,
      secure: secure.port,
      taken: await codeOf(at(plain.port, undefined)),
      shared: await codeOf(at(shared.port, undefined, true)),
      hasDescriptor: plain.fd !== undefined && plain.fd > 2,
    };
    shared.close();
    return places;
  }

  /** Takes no more connections. */
  stopListening(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Resumes every connection that is paused. */
  resumeAll(): void {
    for (const { socket } of this.#sides) if (socket.isOpen) socket.resume();
  }

  get accounts(): Account[] {
    return this.#sides.map(({ account, socket }) => ({ ...account, isOpen: socket.isOpen }));
  }

  /** Ends it all. */
  close(): void {
    this.stopListening();
    for (const { socket } of this.#sides) socket.destroy();
  }
}

/** One connection. */
class Side implements SocketEvents {
  readonly socket: Socket;
  readonly account: Account = { command: "", events: [], received: 0, written: 0, error: "", isOpen: false };
  readonly #stage: Stage;
  #line = "";
  #isFull = false;
  readonly #held: Uint8Array[] = [];
  /** Pieces that are to be written still, and what writes the next. */
  #left = 0;
  #piece = 0;
  readonly #buffer = new Uint8Array(PIECE_BYTES);

  constructor(socket: Socket, stage: Stage) {
    this.socket = socket;
    this.#stage = stage;
  }

  opened(): void {
    this.account.events.push("opened");
  }

  received(bytes: Uint8Array): void {
    if (this.account.command !== "") {
      this.#more(bytes);
      return;
    }
    const end = bytes.indexOf(LINE_FEED);
    this.#line += new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return;
    this.account.command = this.#line;
    this.#begin(this.#line);
    if (end + 1 < bytes.length) this.#more(bytes.subarray(end + 1));
  }

  drained(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.account.events.push("drained");
    const [name] = this.account.command.split(" ");
    if (name === "drip" || name === "copy") {
      this.#writePieces();
      return;
    }
    while (!this.#isFull) {
      const held = this.#held.shift();
      if (held === undefined) {
        this.socket.resume();
        return;
      }
      this.#write(held);
    }
  }

  ended(): void {
    this.account.events.push("ended");
    const [name] = this.account.command.split(" ");
    if (name === "answer") this.#write(encoder.encode(`got ${this.account.received}`));
    this.socket.close();
  }

  closed(error: unknown): void {
    this.account.events.push("closed");
    this.account.error = error instanceof Error ? error.message : "";
  }

  #begin(command: string): void {
    const [name = "", argument = ""] = command.split(" ");
    const { socket } = this;
    if (name === "big") {
      this.#left = Number(argument);
      const all = new Uint8Array(this.#left * PIECE_BYTES);
      for (; this.#piece < this.#left; this.#piece++) {
        all.set(fill(this.#buffer, this.#piece), this.#piece * PIECE_BYTES);
      }
      this.#write(all);
      socket.close();
    } else if (name === "reset") socket.destroy();
    else if (name === "half") {
      this.#write(encoder.encode("bye"));
      socket.shutdown();
    } else if (name === "half-big") {
      this.#write(new Uint8Array(Number(argument) * PIECE_BYTES));
      socket.shutdown();
    } else if (name === "drip" || name === "copy") {
      this.#left = Number(argument);
      this.#writePieces();
    } else if (name === "pause") socket.pause();
    else if (name === "peer") {
      this.#write(encoder.encode(`${socket.peerAddress} ${socket.peerPort}`));
      socket.close();
    } else if (name === "report") {
      this.#write(encoder.encode(JSON.stringify(this.#stage.accounts)));
      socket.close();
    } else if (name === "resume-all") {
      this.#stage.resumeAll();
      socket.close();
    } else if (name === "stop-listening") {
      this.#stage.stopListening();
      this.#write(encoder.encode("done"));
      socket.close();
    }
  }

  #more(bytes: Uint8Array): void {
    this.account.received += bytes.length;
    if (this.account.command !== "echo") return;
    // What was read already may still come.
    if (this.#isFull) this.#held.push(bytes);
    else if (this.#write(bytes) === Written.full) this.socket.pause();
  }

  #writePieces(): void {
    const isCopy = this.account.command.startsWith("copy");
    while (this.#left > 0 && !this.#isFull) {
      this.#left -= 1;
      const buffer = isCopy ? this.#buffer : new Uint8Array(PIECE_BYTES);
      fill(buffer, this.#piece++);
      this.#write(buffer, isCopy);
      if (isCopy) buffer.fill(255);
    }
    if (this.#left === 0 && !this.#isFull) this.socket.close();
  }

  #write(bytes: Uint8Array, isCopy = false): Written {
    const written = isCopy ? this.socket.writeCopy(bytes, bytes.length) : this.socket.write(bytes);
    if (written !== Written.none) this.account.written += bytes.length;
    if (written === Written.full) {
      this.#isFull = true;
      this.account.events.push("full");
    }
    return written;
  }
}
