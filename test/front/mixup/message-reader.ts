/** A message as it was read: its first line, its fields with names in lower case, and its body. */
export interface Message {
  readonly line: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What is told of each message. */
export interface MessageEvents {
  /** Its head came. Returns whether it has a body, if its fields say so. */
  head(message: Message): boolean;
  /** It is whole. */
  whole(message: Message): void;
}

/**
 * Reads messages one after another by the letter of RFC 9112 and by nothing else: an own reader, so that what is
 * tested is not asked whether it is right. Whatever is not as it must be is thrown.
 */
export class MessageReader {
  readonly #events: MessageEvents;
  readonly #isRequest: boolean;
  #text = "";
  #head: Message | undefined;
  /** Where the body ends: after so many bytes, with its last chunk, or with the connection. */
  #left: number | "chunks" | "close" = 0;
  #body: string[] = [];

  constructor(isRequest: boolean, events: MessageEvents) {
    this.#isRequest = isRequest;
    this.#events = events;
  }

  /** What came of a message that is not whole: its head, and of its body what is sure. Undefined between messages. */
  get begun(): Message | undefined {
    if (this.#head === undefined) return undefined;
    const rest = typeof this.#left === "number" || this.#left === "close" ? this.#text : "";
    return { ...this.#head, body: this.#body.join("") + rest };
  }

  /** True if nothing of another message came. */
  get isClean(): boolean {
    return this.#head === undefined && this.#text === "";
  }

  push(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    while (this.#head === undefined ? this.#readHead() : this.#readBody(this.#head)) {}
  }

  /** The connection ended. True if that is where a message may end. */
  end(): boolean {
    if (this.#head !== undefined && this.#left === "close") {
      const head = this.#head;
      this.#body.push(this.#text);
      this.#text = "";
      this.#finish(head);
    }
    return this.isClean;
  }

  #readHead(): boolean {
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [line = "", ...lines] = this.#text.slice(0, end).split("\r\n");
    const isLine = this.#isRequest ? /^[A-Z]+ \/\S* HTTP\/1\.1$/ : /^HTTP\/1\.1 \d{3} [ -~]*$/;
    if (!isLine.test(line)) throw new Error(`no message: ${JSON.stringify(this.#text.slice(0, 200))}`);
    const fields = new Map<string, string>();
    for (const field of lines) {
      const colon = field.indexOf(":");
      const name = field.slice(0, colon).toLowerCase();
      if (fields.has(name)) throw new Error(`${name} is there twice: ${JSON.stringify(lines)}`);
      fields.set(name, field.slice(colon + 1).trim());
    }
    this.#text = this.#text.slice(end + 4);
    const message = { line, fields, body: "" };
    const hasBody = this.#events.head(message);
    const length = fields.get("content-length");
    const isChunked = fields.get("transfer-encoding") === "chunked";
    if (length !== undefined && isChunked) throw new Error("a length stands beside chunks");
    if (!hasBody) this.#left = 0;
    else if (isChunked) this.#left = "chunks";
    else if (length !== undefined) this.#left = Number(length);
    else this.#left = this.#isRequest ? 0 : "close";
    this.#head = message;
    this.#body = [];
    return true;
  }

  #readBody(head: Message): boolean {
    if (this.#left === "close") return false;
    if (this.#left === "chunks") return this.#readChunk(head);
    if (this.#text.length < this.#left) return false;
    this.#body.push(this.#text.slice(0, this.#left));
    this.#text = this.#text.slice(this.#left);
    this.#finish(head);
    return true;
  }

  #readChunk(head: Message): boolean {
    const line = this.#text.indexOf("\r\n");
    if (line < 0) return false;
    const digits = this.#text.slice(0, line);
    if (!/^[0-9a-f]+$/.test(digits)) throw new Error(`no chunk: ${JSON.stringify(this.#text.slice(0, 80))}`);
    const size = Number.parseInt(digits, 16);
    const end = line + 2 + size;
    if (this.#text.length < end + 2) return false;
    if (this.#text.slice(end, end + 2) !== "\r\n") throw new Error("a chunk does not end");
    this.#body.push(this.#text.slice(line + 2, end));
    this.#text = this.#text.slice(end + 2);
    if (size === 0) this.#finish(head);
    return true;
  }

  #finish(head: Message): void {
    this.#head = undefined;
    this.#events.whole({ ...head, body: this.#body.join("") });
  }
}
