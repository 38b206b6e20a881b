/**
 * A backend, in a process of its own, so that it can be killed and stopped: `bun backend-program.ts PORT NAME JOURNAL`.
 * It writes down each POST when it has read its head, and again when it processes it, before it answers: both survive
 * whatever happens to the process then. How it behaves it is told by whoever started it, with whom it also ends.
 */
import { openSync, writeSync } from "node:fs";
import { type Message, MessageReader } from "../front/mixup/message-reader.ts";
import { chunked } from "../front/mixup/soak-backend.ts";
import type { Behaviour } from "./backend-process.ts";
import { answerTo, isChunked, type Question, questionFor } from "./question.ts";

const [port, name = "", journalPath = ""] = process.argv.slice(2);

/** O_APPEND: a line is there as a whole once it is written, also if this process is killed the moment after. */
const journal = openSync(journalPath, "a");

let behaviour: Behaviour = { delayMs: 0, status: 200 };

function note(word: "received" | "processed" | "wrong", text: string): void {
  writeSync(journal, `${word} ${text}\n`);
}

/** One connection. */
class Served {
  readonly #socket: Bun.Socket<Served>;
  readonly #reader: MessageReader;
  #question: Question | undefined;
  #isHealthCheck = false;
  #isOver = false;

  constructor(socket: Bun.Socket<Served>) {
    this.#socket = socket;
    this.#reader = new MessageReader(true, {
      head: (message) => this.#head(message),
      whole: (message) => void this.#whole(message),
    });
  }

  received(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      note("wrong", `${name} was sent ${(error as Error).message}`);
      this.#socket.terminate();
    }
  }

  closed(): void {
    this.#isOver = true;
  }

  #head({ line, fields }: Message): boolean {
    const [method = "", target = ""] = line.split(" ");
    this.#isHealthCheck = target === "/health" || target === "/";
    if (this.#isHealthCheck) return false;
    const id = target.slice(1);
    const question = questionFor(id);
    if (question.method === "POST") note("received", id);
    if (method !== question.method || fields.get("x-id") !== id) note("wrong", `${line} came with ${id}`);
    this.#question = question;
    return true;
  }

  async #whole({ body }: Message): Promise<void> {
    const { delayMs, status } = behaviour;
    const question = this.#question;
    const isHealthCheck = this.#isHealthCheck;
    if (!isHealthCheck && body !== question?.body) note("wrong", `${question?.id} came with another body`);
    if (delayMs > 0) await Bun.sleep(delayMs);
    if (isHealthCheck || question === undefined) {
      this.#send(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
    } else if (status === 200) {
      if (question.method === "POST") note("processed", question.id);
      this.#send(answerText(question.id));
    } else {
      this.#send(`HTTP/1.1 ${status} X\r\nX-Id: ${question.id}\r\nContent-Length: 6\r\n\r\nfailed`);
    }
  }

  #send(text: string): void {
    if (this.#isOver) return;
    const written = this.#socket.write(text);
    // An answer that is cut in its middle by a kill could not be had from another backend. (If nothing is written, who
    // asked has left, and this side has not heard of it.)
    if (written > 0 && written < text.length) note("wrong", `${name} could not write an answer at once`);
  }
}

function answerText(id: string): string {
  const data = answerTo(id, name);
  const framing = isChunked(id) ? "Transfer-Encoding: chunked" : `Content-Length: ${data.length}`;
  const head = `HTTP/1.1 200 OK\r\nX-Id: ${id}\r\nX-Backend: ${name}\r\nKeep-Alive: timeout=3\r\n${framing}`;
  return `${head}\r\n\r\n${isChunked(id) ? chunked(data) : data}`;
}

process.on("message", (told: Behaviour) => {
  behaviour = told;
  process.send?.("done");
});
process.on("disconnect", () => process.exit(0));

Bun.listen<Served>({
  hostname: "127.0.0.1",
  port: Number(port),
  socket: {
    open(socket) {
      socket.data = new Served(socket);
    },
    data: (socket, bytes) => socket.data.received(bytes),
    close: (socket) => socket.data.closed(),
    // A reset is an end like any other here.
    error() {},
  },
});
process.send?.("done");
