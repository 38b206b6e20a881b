import type { Ledger } from "./ledger.ts";
import { type Message, MessageReader } from "./message-reader.ts";
import { type Asked, askedFor, filledWith, type Reply, replyTo } from "./plan.ts";

/** A backend that tells each request what its token is, and does what is planned for it, right or wrong. */
export class SoakBackend {
  readonly url: string;
  readonly #listener: Bun.TCPSocketListener<Served>;

  constructor(name: string, ledger: Ledger) {
    this.#listener = Bun.listen<Served>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open(socket) {
          socket.data = new Served(name, ledger, socket);
        },
        data: (socket, bytes) => socket.data.received(bytes),
        drain: (socket) => socket.data.drained(),
        close: (socket) => socket.data.closed(),
        // A reset is an end like any other here.
        error() {},
      },
    });
    this.url = `http://127.0.0.1:${this.#listener.port}`;
  }

  close(): void {
    this.#listener.stop(true);
  }
}

/** One connection. */
class Served {
  readonly #name: string;
  readonly #ledger: Ledger;
  readonly #socket: Bun.Socket<Served>;
  readonly #reader: MessageReader;
  #asked: Asked | undefined;
  #reply: Reply | undefined;
  #unsent: Buffer[] = [];
  #isDone = false;
  #isOver = false;

  constructor(name: string, ledger: Ledger, socket: Bun.Socket<Served>) {
    this.#name = name;
    this.#ledger = ledger;
    this.#socket = socket;
    this.#reader = new MessageReader(true, {
      head: (message) => this.#head(message),
      whole: (message) => this.#whole(message),
    });
  }

  received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#ledger.mixedUp(`a backend was sent something else: ${(error as Error).message}`);
      this.#break();
    }
  }

  drained(): void {
    while (this.#unsent.length > 0) {
      const next = this.#unsent[0] as Buffer;
      const taken = this.#socket.write(next);
      if (taken < next.length) {
        this.#unsent[0] = next.subarray(Math.max(0, taken));
        return;
      }
      this.#unsent.shift();
    }
    if (this.#isDone) this.#socket.end();
  }

  closed(): void {
    this.#isOver = true;
    // What came of a body that did not come whole is its beginning all the same.
    const begun = this.#reader.begun;
    const asked = this.#asked;
    if (begun !== undefined && asked !== undefined && !asked.body.startsWith(begun.body)) {
      this.#ledger.mixedUp(`${asked.token} came in part, with a body of ${begun.body.slice(0, 80)}`);
    }
  }

  #head({ line, fields }: Message): boolean {
    const [method, target = ""] = line.split(" ");
    const token = target.slice(1);
    const asked = askedFor(token, this.#ledger.seed);
    if (asked.method !== method || fields.get("x-token") !== token) {
      this.#ledger.mixedUp(`${line} came with ${fields.get("x-token")}`);
    }
    const isIdempotent = method !== "POST";
    this.#asked = asked;
    this.#reply = replyTo(token, this.#ledger.seed, this.#ledger.arrived(token, isIdempotent));
    if (this.#reply.fault === "resets at the head") this.#fail(asked);
    else if (isEarly(asked, this.#reply)) void this.#answer(asked, this.#reply);
    return true;
  }

  #whole({ body }: Message): void {
    const asked = this.#asked as Asked;
    const reply = this.#reply as Reply;
    this.#asked = undefined;
    if (body !== asked.body) {
      this.#ledger.mixedUp(`${asked.token} came with a body of ${body.length} bytes: ${body.slice(0, 80)}`);
    }
    if (this.#isOver || isEarly(asked, reply)) return;
    if (reply.fault === "resets unanswered") this.#fail(asked);
    else void this.#answer(asked, reply);
  }

  async #answer(asked: Asked, reply: Reply): Promise<void> {
    // Closing a connection on which more comes resets it, and the reset may overtake the answer.
    if (isEarly(asked, reply)) this.#ledger.faulted(asked.token);
    for (let turn = 0; turn < reply.turns; turn++) await nextTurn();
    const { head, body } = answerText(asked, reply, this.#name);
    const whole = Buffer.from(head + body, "latin1");
    const sent = this.#part(asked, reply, whole, head.length);
    const step = Math.ceil(sent.length / reply.pieces);
    if (reply.fault === "says too much" && reply.framing !== "close" && whole.length < MOST_AT_ONCE) {
      // In one piece: what came any later would be the answer to the next request, and nobody could tell.
      this.#send(Buffer.concat([whole, FORGED]));
      return;
    }
    for (let from = 0; from < sent.length; from += step) {
      if (from > 0) await nextTurn();
      this.#send(sent.subarray(from, from + step));
    }
    if (sent.length < whole.length) {
      await nextTurn();
      if (reply.fault === "ends in its body") this.#end();
      else this.#break();
    } else if (reply.framing === "close" || reply.fault === "answers early and ends") {
      this.#end();
    } else if (reply.fault === "closes") {
      this.#ledger.closes += 1;
      await nextTurn();
      this.#end();
    }
  }

  /** How much of its answer it gives. */
  #part(asked: Asked, { fault, framing }: Reply, whole: Buffer, headBytes: number): Buffer {
    const isInBody = fault === "resets in its body" || (fault === "ends in its body" && framing !== "close");
    if (fault !== "resets in its head" && !(isInBody && whole.length > headBytes)) return whole;
    this.#ledger.faulted(asked.token);
    if (fault === "resets in its head") return whole.subarray(0, headBytes >> 1);
    return whole.subarray(0, headBytes + ((whole.length - headBytes) >> 1));
  }

  #fail({ token }: Asked): void {
    this.#ledger.faulted(token);
    this.#break();
  }

  #send(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#unsent.push(Buffer.from(bytes));
    if (this.#unsent.length === 1) this.drained();
  }

  #end(): void {
    this.#isDone = true;
    if (this.#unsent.length === 0) this.#socket.end();
  }

  #break(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }
}

/** What the kernel surely hands on at once, in bytes. */
const MOST_AT_ONCE = 8_192;

const FORGED = Buffer.from("HTTP/1.1 200 OK\r\nX-Token: forged\r\nContent-Length: 6\r\n\r\nforged");

function isEarly({ body }: Asked, { fault }: Reply): boolean {
  return body !== "" && fault.startsWith("answers early");
}

/** An answer as text: its head, an interim one before it among it, and its body. */
export function answerText(asked: Asked, reply: Reply, name: string): { head: string; body: string } {
  const { token, method, answerBytes } = asked;
  const interim = reply.isInterim ? `HTTP/1.1 103 Early Hints\r\nX-Token: ${token}\r\n\r\n` : "";
  const close =
    reply.framing === "close" || reply.fault === "answers early and ends" ? "Connection: close\r\n" : "";
  const said = `HTTP/1.1 200 OK\r\nX-Token: ${token}\r\nX-Backend: ${name}\r\n${close}`;
  const data = filledWith(`${token}@${name}`, answerBytes);
  const framing =
    reply.framing === "length"
      ? `Content-Length: ${answerBytes}\r\n`
      : reply.framing === "chunked"
        ? "Transfer-Encoding: chunked\r\n"
        : "";
  const body = method === "HEAD" ? "" : reply.framing === "chunked" ? chunked(data) : data;
  return { head: `${interim}${said}${framing}\r\n`, body };
}

/** A body in chunks of odd sizes. */
export function chunked(data: string): string {
  let chunks = "";
  for (let from = 0, size = 7; from < data.length; from += size, size = (size * 31) % 8_191) {
    const chunk = data.slice(from, from + size);
    chunks += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return `${chunks}0\r\n\r\n`;
}

/** The next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
