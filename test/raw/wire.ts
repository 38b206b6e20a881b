import type { Socket } from "node:net";
import { within } from "./within.ts";

/** How long the next bytes are waited for, unless something else is said. */
const PATIENCE_MS = 10_000;

/** The connection ended before what was waited for. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** A start line and fields, exactly as they came. */
export class Head {
  /** The bytes as latin-1, without the empty line that ends them. */
  readonly raw: string;
  readonly startLine: string;
  readonly fields: readonly (readonly [name: string, value: string])[];

  constructor(raw: string) {
    this.raw = raw;
    const [startLine = "", ...lines] = raw.split("\r\n");
    this.startLine = startLine;
    this.fields = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
  }

  /** The values of every field of that name, one for each line. */
  all(name: string): string[] {
    return this.fields
      .filter(([other]) => other.toLowerCase() === name.toLowerCase())
      .map(([, value]) => value);
  }

  /** The one value of that name; undefined if there is none. Throws if there are several. */
  field(name: string): string | undefined {
    const values = this.all(name);
    if (values.length > 1) throw new Error(`${values.length} fields are called ${name}:\n${this.raw}`);
    return values[0];
  }

  /** The names, in lower case and sorted, each once. */
  get names(): string[] {
    return [...new Set(this.fields.map(([name]) => name.toLowerCase()))].sort();
  }

  get status(): number {
    return Number(this.startLine.split(" ")[1]);
  }

  get method(): string {
    return this.startLine.split(" ")[0] ?? "";
  }

  get target(): string {
    return this.startLine.split(" ")[1] ?? "";
  }
}

/** A socket that is read as HTTP/1.1 by the letter, and written as bytes. */
export class Wire {
  readonly socket: Socket;
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>;
  /** The trailer fields of the last chunked body that was read whole, as lines. */
  trailers: readonly string[] = [];
  /** Bytes that came and were not read yet. */
  #buffer: Buffer = Buffer.alloc(0);
  /** Bytes that came after those, in pieces: joined only when they are asked for, and then at once. */
  #arrived: Buffer[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    const ended = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.#arrived.push(bytes);
      this.#wake?.();
    });
    socket.on("end", ended);
    socket.on("close", ended);
    // A reset is an end like any other here: what was expected and did not come is told by Cut.
    socket.on("error", ended);
  }

  /** Writes text as latin-1, or bytes. */
  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
  }

  /** Writes, and waits until the kernel has taken it. */
  async sent(data: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(data, () => resolve()));
  }

  /** Closes with a FIN. */
  end(): void {
    this.socket.end();
  }

  /** Closes at once, whatever is under way. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Closes with a RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** True once the other side has closed and nothing is left to read. */
  get isSpent(): boolean {
    return this.#isEnded && this.#unread().length === 0;
  }

  /** Waits for so many bytes. Throws `Cut` if the connection ends before. */
  async bytes(count: number, ms = PATIENCE_MS): Promise<Buffer> {
    while (this.#unread().length < count) await this.#more(`${count} bytes`, ms);
    return this.#take(count);
  }

  /** Waits for the connection's end and gives what came until then. */
  async rest(): Promise<Buffer> {
    while (!this.#isEnded) await this.#more("the end of the connection");
    return this.#take(this.#unread().length);
  }

  /** Waits for a head. */
  async head(ms = PATIENCE_MS): Promise<Head> {
    const raw = await this.#until("\r\n\r\n", "a head", ms);
    return new Head(raw);
  }

  /** The body that belongs to a head, whole. Throws `Cut` if it breaks off. */
  async body(head: Head, ms = PATIENCE_MS): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.parts(head, ms)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The body that belongs to a head, piece by piece as it comes. Throws `Cut` if it breaks off. */
  async *parts(head: Head, ms = PATIENCE_MS): AsyncGenerator<Buffer, void> {
    const length = head.field("content-length");
    if (head.field("transfer-encoding")?.toLowerCase() === "chunked") yield* this.#chunks(ms);
    else if (length !== undefined) yield* this.#sized(Number(length), ms);
    else if (head.startLine.startsWith("HTTP/")) yield await this.rest();
  }

  async *#chunks(ms: number): AsyncGenerator<Buffer, void> {
    for (;;) {
      const size = Number.parseInt(await this.#until("\r\n", "a chunk's size", ms), 16);
      if (size === 0) break;
      yield* this.#sized(size, ms);
      await this.#until("\r\n", "a chunk's end", ms);
    }
    const trailers: string[] = [];
    for (let line = ""; ; trailers.push(line)) {
      line = await this.#until("\r\n", "the end of the trailers", ms);
      if (line === "") break;
    }
    this.trailers = trailers;
  }

  async *#sized(size: number, ms: number): AsyncGenerator<Buffer, void> {
    let left = size;
    while (left > 0) {
      if (this.#unread().length === 0) await this.#more(`${left} more bytes of a body of ${size}`, ms);
      const part = this.#take(Math.min(left, this.#unread().length));
      left -= part.length;
      if (part.length > 0) yield part;
    }
  }

  async #until(delimiter: string, what: string, ms: number): Promise<string> {
    for (;;) {
      const at = this.#unread().indexOf(delimiter, 0, "latin1");
      if (at >= 0) {
        const text = this.#take(at).toString("latin1");
        this.#take(delimiter.length);
        return text;
      }
      await this.#more(what, ms);
    }
  }

  #unread(): Buffer {
    if (this.#arrived.length > 0) {
      this.#buffer = Buffer.concat([this.#buffer, ...this.#arrived]);
      this.#arrived = [];
    }
    return this.#buffer;
  }

  #take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(what: string, ms = PATIENCE_MS): Promise<void> {
    if (this.#isEnded) throw new Cut(`the connection ended before ${what}`);
    const came = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await within(ms, what, came);
    this.#wake = undefined;
  }
}
