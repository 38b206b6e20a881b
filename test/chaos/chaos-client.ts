import { type Random, seededRandom } from "../../src/core/random.ts";
import { type Message, MessageReader } from "../front/mixup/message-reader.ts";
import type { Question } from "./question.ts";

/** How a request ended, as its client saw it. */
export interface Ending {
  readonly question: Question;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The whole answer; or in words why there is none. */
  readonly answer: Message | string;
}

/** No answer may take longer, in milliseconds: more than all tries together. */
const PATIENCE_MS = 20_000;

/** The longest pause between two requests of one client, in milliseconds: the load is bounded by it. */
const LONGEST_PAUSE_MS = 100;

/** A client: one raw connection, and on it one request after another. */
export class ChaosClient {
  /** Connections that were made: one, and another each time that the balancer said that it closes one. */
  connections = 0;
  readonly #port: number;
  readonly #random: Random;
  readonly #tell: (ending: Ending) => void;
  readonly #wrong: (what: string) => void;
  #connection: Connection | undefined;

  /**
   * @param tell Told of each request's end.
   * @param wrong Told of what must not happen to a connection, whatever becomes of a request.
   */
  constructor(port: number, seed: number, tell: (ending: Ending) => void, wrong: (what: string) => void) {
    this.#port = port;
    this.#random = seededRandom(seed);
    this.#tell = tell;
    this.#wrong = wrong;
  }

  /** Asks one request after another until there are no more. */
  async run(next: () => Question | undefined): Promise<void> {
    for (let question = next(); question !== undefined; question = next()) {
      await this.ask(question);
      await Bun.sleep(this.#random.below(LONGEST_PAUSE_MS));
    }
  }

  /** Asks one request and waits for its end. */
  async ask(question: Question): Promise<void> {
    if (this.#connection?.isOpen !== true) {
      if (this.#connection?.wasLast === false)
        this.#wrong("a kept connection was closed between two requests");
      this.connections += 1;
      this.#connection = await Connection.open(this.#port, this.#wrong);
    }
    const fromMs = performance.now();
    const answer = await this.#connection.ask(question);
    this.#tell({ question, fromMs, untilMs: performance.now(), answer });
  }

  /** Closes the connection. */
  leave(): void {
    this.#connection?.close();
  }
}

/** One connection. */
class Connection {
  /** Whether the last answer said that the connection ends with it. */
  wasLast = false;
  readonly #wrong: (what: string) => void;
  readonly #reader: MessageReader;
  #socket: Bun.Socket | undefined;
  #isOver = false;
  #resolve: ((answer: Message | string) => void) | undefined;

  private constructor(wrong: (what: string) => void) {
    this.#wrong = wrong;
    this.#reader = new MessageReader(false, {
      head: ({ line }) => !line.startsWith("HTTP/1.1 1"),
      whole: (message) => this.#whole(message),
    });
  }

  static async open(port: number, wrong: (what: string) => void): Promise<Connection> {
    const connection = new Connection(wrong);
    connection.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, bytes) => connection.#received(bytes),
        end: () => connection.#ended("ended"),
        close: () => connection.#ended("closed"),
        error: (_, error) => connection.#ended(error.message),
      },
    });
    return connection;
  }

  get isOpen(): boolean {
    return !this.#isOver && !this.wasLast;
  }

  ask({ id, method, body }: Question): Promise<Message | string> {
    const length = method === "POST" ? `Content-Length: ${body.length}\r\n` : "";
    const { promise, resolve } = Promise.withResolvers<Message | string>();
    const timer = setTimeout(() => this.#give("no answer"), PATIENCE_MS);
    this.#resolve = (answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    this.#socket?.write(
      `${method} /${id} HTTP/1.1\r\nHost: chaos.test\r\nX-Id: ${id}\r\n${length}\r\n${body}`,
    );
    return promise;
  }

  close(): void {
    this.#isOver = true;
    this.#socket?.end();
  }

  #received(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#wrong(`a client was sent ${(error as Error).message}`);
      this.#ended("malformed bytes");
      this.#socket?.terminate();
    }
  }

  #whole(message: Message): void {
    if (this.#resolve === undefined)
      this.#wrong(`a client was sent ${message.line}, and had asked for nothing`);
    this.wasLast = message.fields.get("connection")?.toLowerCase() === "close";
    this.#give(message);
  }

  #ended(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#reader.isClean) this.#wrong(`an answer was cut: ${this.#reader.begun?.line}`);
    this.#give(`the connection was cut (${why})`);
  }

  #give(answer: Message | string): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    // What comes later than that must not be taken for the next answer.
    if (typeof answer === "string") this.#isOver = true;
    resolve?.(answer);
  }
}
