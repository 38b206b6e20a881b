import { type Random, seededRandom } from "../../../src/core/random.ts";
import type { Ledger } from "./ledger.ts";
import { type Message, MessageReader } from "./message-reader.ts";
import { type Asked, askedFor, filledWith } from "./plan.ts";
import { chunked, nextTurn } from "./soak-backend.ts";

/** Requests under way at most on one connection. */
const DEEPEST = 8;

/** Longer bodies may be more than is kept for another try, framing and all. */
const MOST_KEPT_BYTES = 60_000;

/** A client: one connection after another, on which requests do not wait for each other's answers. */
export class SoakClient {
  readonly #port: number;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #nextToken: () => string | undefined;

  /** @param nextToken Gives the next token; undefined if there are enough. */
  constructor(port: number, ledger: Ledger, number: number, nextToken: () => string | undefined) {
    this.#port = port;
    this.#ledger = ledger;
    this.#random = seededRandom(ledger.seed + number);
    this.#nextToken = nextToken;
  }

  /** Asks until there are no tokens left. */
  async run(): Promise<void> {
    for (let isMore = true; isMore; ) {
      const asking = new Asking(this.#ledger, this.#random, this.#nextToken);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      asking.over = resolve;
      await Bun.connect<Asking>({
        hostname: "127.0.0.1",
        port: this.#port,
        data: asking,
        allowHalfOpen: true,
        socket: {
          open: (socket) => socket.data.opened(socket),
          data: (socket, bytes) => socket.data.received(bytes),
          drain: (socket) => socket.data.drained(),
          end: (socket) => socket.data.ended(),
          close: (socket) => socket.data.closed(),
          error() {},
        },
      });
      isMore = await promise;
    }
  }
}

/** One connection. */
class Asking {
  over: (isMore: boolean) => void = () => {};
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #nextToken: () => string | undefined;
  readonly #reader: MessageReader;
  readonly #depth: number;
  /** After so many answers it leaves in the middle of things. */
  readonly #leavesAfter: number;
  /** Requests that were sent, at least in part, and not answered, in their order. */
  readonly #waiting: Asked[] = [];
  #socket: Bun.Socket<Asking> | undefined;
  #unsent = Buffer.alloc(0);
  #isSending = false;
  #answers = 0;
  /** Whether no more requests go on this connection. */
  #isLast = false;
  #isMore = true;
  #isGone = false;

  constructor(ledger: Ledger, random: Random, nextToken: () => string | undefined) {
    this.#ledger = ledger;
    this.#random = random;
    this.#nextToken = nextToken;
    this.#depth = 1 + random.below(DEEPEST);
    this.#leavesAfter = random.below(3) === 0 ? random.below(60) : Number.POSITIVE_INFINITY;
    this.#reader = new MessageReader(false, {
      head: ({ line }) => this.#waiting[0]?.method !== "HEAD" && !line.startsWith("HTTP/1.1 1"),
      whole: (message) => this.#whole(message),
    });
  }

  opened(socket: Bun.Socket<Asking>): void {
    this.#socket = socket;
    this.#ask();
  }

  received(bytes: Uint8Array): void {
    if (this.#isGone) return;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#ledger.mixedUp(`${this.#waiting[0]?.token} was answered with ${(error as Error).message}`);
      this.#leave();
      return;
    }
    if (this.#answers >= this.#leavesAfter) this.#leave();
    else this.#ask();
  }

  drained(): void {
    this.#isSending = false;
    this.#send();
  }

  ended(): void {
    this.closed();
    this.#socket?.terminate();
  }

  closed(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const isClean = this.#reader.end();
    const first = this.#waiting[0];
    if (first !== undefined && !this.#isLast) {
      // Nothing but a backend's fault, or a connection that was to end, may cut an answer.
      if (!this.#ledger.hasFault(first.token)) this.#ledger.mixedUp(`the answer to ${first.token} was cut`);
      this.#ledger.cut += 1;
      this.#waiting.shift();
    } else if (!isClean) {
      this.#ledger.mixedUp(`something came after the last answer, before ${first?.token}`);
    }
    this.#ledger.forgotten += this.#waiting.length;
    this.over(this.#isMore);
  }

  #whole({ line, fields, body }: Message): void {
    if (line.startsWith("HTTP/1.1 1")) {
      if (fields.get("x-token") !== this.#waiting[0]?.token) {
        this.#ledger.mixedUp(`${this.#waiting[0]?.token} got the hints of ${fields.get("x-token")}`);
      }
      return;
    }
    const asked = this.#waiting.shift();
    if (asked === undefined) throw new Error(`an answer that nobody waits for: ${line}`);
    this.#answers += 1;
    if (fields.get("connection") === "close") this.#isLast = true;
    if (fields.get("content-type") === "application/problem+json") {
      if (!/^HTTP\/1\.1 50[234] /.test(line)) this.#ledger.mixedUp(`${asked.token} was refused: ${line}`);
      // What was in the hands of a connection that closed was lost with it, unless it could be repeated.
      const isKept = asked.body.length < MOST_KEPT_BYTES;
      this.#ledger.wasRefused(asked.token, asked.method !== "POST" && isKept);
      return;
    }
    const name = fields.get("x-backend") ?? "";
    const expected = asked.method === "HEAD" ? "" : filledWith(`${asked.token}@${name}`, asked.answerBytes);
    if (fields.get("x-token") !== asked.token || body !== expected) {
      this.#ledger.mixedUp(`${asked.token} got the answer to ${fields.get("x-token")}: ${body.slice(0, 80)}`);
    }
    this.#ledger.answered += 1;
  }

  /** Sends requests as long as there may be more under way. */
  #ask(): void {
    const requests: string[] = [];
    while (!this.#isLast && this.#waiting.length < this.#depth) {
      const token = this.#nextToken();
      if (token === undefined) {
        this.#isMore = false;
        break;
      }
      const asked = askedFor(token, this.#ledger.seed);
      this.#waiting.push(asked);
      requests.push(requestText(asked));
    }
    if (requests.length > 0) {
      this.#unsent = Buffer.concat([this.#unsent, Buffer.from(requests.join(""), "latin1")]);
      this.#send();
    } else if (this.#waiting.length === 0 && !this.#isMore) {
      this.#leave();
    }
  }

  /** Sends what there is, at times bit by bit. */
  #send(): void {
    if (this.#isSending || this.#isGone || this.#unsent.length === 0) return;
    const isInPieces = this.#random.below(4) === 0;
    const length = isInPieces ? 1 + this.#random.below(this.#unsent.length) : this.#unsent.length;
    const taken = Math.max(0, this.#socket?.write(this.#unsent, 0, length) ?? 0);
    this.#unsent = this.#unsent.subarray(taken);
    if (this.#unsent.length === 0) return;
    this.#isSending = true;
    // What the kernel does not take it says when it does; what was held back goes some turns later.
    if (taken === length) void this.#sendLater(1 + this.#random.below(8));
  }

  async #sendLater(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    this.drained();
  }

  /** Leaves in the middle of whatever is under way: with a reset, or in order. */
  #leave(): void {
    this.#isGone = true;
    this.#ledger.forgotten += this.#waiting.length;
    if (this.#random.below(2) === 0) this.#socket?.terminate();
    else this.#socket?.end();
    this.over(this.#isMore);
  }
}

/** A request as text. */
export function requestText({ token, method, framing, body }: Asked): string {
  const head = `${method} /${token} HTTP/1.1\r\nHost: lb.test\r\nX-Token: ${token}\r\n`;
  if (framing === "length") return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  if (framing === "chunked") return `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(body)}`;
  return `${head}\r\n`;
}
