import type { MemorySocket } from "../simulation/memory-sockets.ts";
import { Ledger } from "./mixup/ledger.ts";
import { type Message, MessageReader } from "./mixup/message-reader.ts";
import { type Asked, askedFor, filledWith, replyTo, tokenOf } from "./mixup/plan.ts";
import { answerText } from "./mixup/soak-backend.ts";
import { requestText } from "./mixup/soak-client.ts";
import type { VirtualFront } from "./virtual-front.ts";

/** The longest wait between two tries, in milliseconds. */
const LONGEST_WAIT_MS = 250;

/** What may happen at one moment: to whom it happens, and how much of it. */
export interface Event {
  readonly kind:
    | "sends"
    | "answers"
    | "opens"
    | "drains"
    | "drains backend"
    | "time"
    | "lost"
    | "left"
    | "ended";
  readonly who: number;
  readonly amount: number;
}

/** Clients and backends of a front that do, step by step, what they are told to. */
export class VirtualWorld {
  readonly ledger: Ledger;
  readonly #front: VirtualFront;
  readonly #clients: AskingClient[];
  readonly #backends: AnsweringBackend[] = [];

  /** @param requests How many each client has to ask. */
  constructor(front: VirtualFront, seed: number, clients: number, requests: number) {
    this.#front = front;
    this.ledger = new Ledger(seed);
    this.#clients = Array.from({ length: clients }, (_, index) => {
      const tokens = Array.from({ length: requests }, (_, turn) => tokenOf(index * requests + turn));
      return new AskingClient(front.client(), this.ledger, tokens);
    });
  }

  happen({ kind, who, amount }: Event): void {
    const client = this.#clients[who % this.#clients.length] as AskingClient;
    const backend = this.#backends[who % Math.max(1, this.#backends.length)];
    if (kind === "sends") client.send(amount);
    else if (kind === "drains") client.socket.drain(amount);
    else if (kind === "left") client.leave();
    else if (kind === "ended") client.end();
    else if (kind === "time") this.#front.clock.advance(amount % 100);
    else if (kind === "opens") backend?.open(amount);
    else if (kind === "answers") backend?.answer(amount);
    else if (kind === "drains backend") backend?.socket.drain(amount);
    else backend?.lose();
    this.#look();
  }

  /** Lets everything that was begun come to its end. */
  finish(): void {
    for (let quietRounds = 0; quietRounds < 2; ) {
      const before = this.#progress;
      for (const backend of this.#backends) {
        backend.open(Number.POSITIVE_INFINITY);
        backend.socket.drain();
        backend.answer(Number.POSITIVE_INFINITY);
        this.#look();
      }
      for (const client of this.#clients) {
        client.socket.drain();
        client.send(Number.POSITIVE_INFINITY);
        this.#look();
      }
      // A request may be waiting for its next try.
      this.#front.clock.advance(LONGEST_WAIT_MS);
      this.#look();
      quietRounds = this.#progress === before ? quietRounds + 1 : 0;
    }
    for (const client of this.#clients) client.checkEnd();
  }

  get #progress(): string {
    return [...this.#clients, ...this.#backends]
      .map(({ left, socket }) => `${left} ${socket.written.length} ${socket.isPaused} ${socket.isClosed}`)
      .join();
  }

  /** Reads what was written. */
  #look(): void {
    while (this.#backends.length < this.#front.dialled) {
      this.#backends.push(new AnsweringBackend(this.#front.dialling(), this.ledger));
    }
    for (const backend of this.#backends) backend.read();
    for (const client of this.#clients) client.read();
  }
}

class AskingClient {
  readonly socket: MemorySocket;
  readonly #ledger: Ledger;
  readonly #waiting: Asked[];
  readonly #reader: MessageReader;
  #unsent: string;
  #seen = 0;
  #hasLeft = false;
  #isLast = false;

  constructor(socket: MemorySocket, ledger: Ledger, tokens: readonly string[]) {
    this.socket = socket;
    this.#ledger = ledger;
    this.#waiting = tokens.map((token) => askedFor(token, ledger.seed));
    this.#unsent = this.#waiting.map(requestText).join("");
    this.#reader = new MessageReader(false, {
      head: ({ line }) => this.#waiting[0]?.method !== "HEAD" && !line.startsWith("HTTP/1.1 1"),
      whole: (message) => this.#whole(message),
    });
  }

  /** How much it has to send, in bytes. */
  get left(): number {
    return this.#unsent.length;
  }

  send(length: number): void {
    if (this.socket.isPaused || this.#hasLeft || this.socket.isClosed) return;
    const sent = this.#unsent.slice(0, length);
    this.#unsent = this.#unsent.slice(length);
    if (sent !== "") this.socket.receive(sent);
  }

  leave(): void {
    this.#hasLeft = true;
    this.socket.lose();
  }

  end(): void {
    this.#hasLeft = true;
    this.socket.end();
  }

  read(): void {
    const { written } = this.socket;
    if (written.length === this.#seen) return;
    const bytes = Buffer.from(written.slice(this.#seen), "latin1");
    this.#seen = written.length;
    this.#reader.push(bytes);
  }

  /** Whoever has not left has got all answers, or sees why not. */
  checkEnd(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#hasLeft || this.#isLast) return;
    if (!this.socket.isClosed) this.#ledger.mixedUp(`${first.token} is never answered`);
    else if (!this.#ledger.hasFault(first.token))
      this.#ledger.mixedUp(`the answer to ${first.token} was cut`);
  }

  #whole({ line, fields, body }: Message): void {
    const expected = this.#waiting[0];
    if (!line.startsWith("HTTP/1.1 1")) this.#waiting.shift();
    if (fields.get("connection") === "close") this.#isLast = true;
    if (expected === undefined) {
      this.#ledger.mixedUp(`nobody asked for ${line}`);
    } else if (fields.get("content-type") === "application/problem+json") {
      this.#ledger.wasRefused(expected.token, true);
    } else {
      const token = fields.get("x-token");
      const whole =
        line.startsWith("HTTP/1.1 1") || expected.method === "HEAD"
          ? ""
          : filledWith(`${expected.token}@virtual`, expected.answerBytes);
      if (token !== expected.token || body !== whole) {
        this.#ledger.mixedUp(`${expected.token} got the answer to ${token}: ${body.slice(0, 80)}`);
      }
    }
  }
}

class AnsweringBackend {
  readonly socket: MemorySocket;
  readonly #ledger: Ledger;
  readonly #reader: MessageReader;
  #isOpen = false;
  #seen = 0;
  /** What is to be sent. */
  #unsent = "";
  #endsAfter = false;
  /** The token of the request under way. */
  #token = "";

  constructor(socket: MemorySocket, ledger: Ledger) {
    this.socket = socket;
    this.#ledger = ledger;
    this.#reader = new MessageReader(true, {
      head: ({ line }) => {
        this.#token = line.split(" ")[1]?.slice(1) ?? "";
        return true;
      },
      whole: (message) => this.#whole(message),
    });
  }

  /** How much it has to send, in bytes. */
  get left(): number {
    return this.#unsent.length;
  }

  /** @param room How much it takes at first. */
  open(room: number): void {
    if (this.#isOpen || this.socket.isClosed) return;
    this.#isOpen = true;
    this.socket.room = room;
    this.socket.open();
  }

  answer(length: number): void {
    if (this.socket.isPaused || this.socket.isClosed || this.#unsent === "") return;
    const sent = this.#unsent.slice(0, length);
    this.#unsent = this.#unsent.slice(length);
    if (this.#unsent === "" && !this.#endsAfter) this.#token = "";
    if (sent !== "") this.socket.receive(sent);
    if (this.#unsent === "" && this.#endsAfter) this.socket.end();
  }

  /** Its end of the connection goes away in the middle of things. Before it is open that would say something else. */
  lose(): void {
    if (!this.#isOpen) return;
    if (this.#token !== "") this.#ledger.faulted(this.#token);
    this.socket.lose();
  }

  read(): void {
    const { written } = this.socket;
    if (written.length === this.#seen) return;
    const bytes = Buffer.from(written.slice(this.#seen), "latin1");
    this.#seen = written.length;
    this.#reader.push(bytes);
  }

  #whole({ line, body }: Message): void {
    const asked = askedFor(this.#token, this.#ledger.seed);
    const times = this.#ledger.arrived(asked.token, asked.method !== "POST");
    if (!line.startsWith(`${asked.method} `) || body !== asked.body) {
      this.#ledger.mixedUp(`${asked.token} came as ${line} with ${body.length} bytes: ${body.slice(0, 80)}`);
    }
    const reply = { ...replyTo(asked.token, this.#ledger.seed, times), fault: "none" } as const;
    const { head, body: answered } = answerText(asked, reply, "virtual");
    this.#unsent = head + answered;
    this.#endsAfter = reply.framing === "close";
  }
}
