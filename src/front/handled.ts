import { latin1Bytes } from "../http1/latin1.ts";
import { NO_FIELD } from "../http1/request-head.ts";
import { chunkOf, LAST_CHUNK } from "../http1/request-writer.ts";
import type { ClientInfo, Handler } from "../proxy/client.ts";
import { INTERNAL_ERROR, type Problem } from "../proxy/problem.ts";
import { letGo } from "../transport/let-go.ts";
import type { Answering, ClientChannel } from "./answering.ts";
import type { RequestReader } from "./request-reader.ts";
import { type BodyTap, RequestStream } from "./request-stream.ts";
import { responseFraming, responseHead } from "./response-head.ts";
import { mayUpgrade } from "./upgrade-offer.ts";
import { type HandOver, UpgradingClient } from "./upgrading-client.ts";
import { webRequest } from "./web-request.ts";

const CONTINUE = latin1Bytes("HTTP/1.1 100 Continue\r\n\r\n");

/** One request that a handler answers: made a `Request` for it, and its `Response` sent as it comes. */
export class Handled implements Answering, BodyTap {
  readonly #handler: Handler;
  readonly #channel: ClientChannel;
  readonly #leaving = new AbortController();
  #reader: RequestReader | undefined;
  #upload: RequestStream | undefined;
  #download: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Whether the client waits to be told that its body is wanted (RFC 9110 §10.1.1). */
  #expectsContinue = false;
  #hasBegun = false;
  #isOver = false;
  #hasWritten = false;
  #wake: (() => void) | undefined;

  constructor(handler: Handler, channel: ClientChannel) {
    this.#handler = handler;
    this.#channel = channel;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begin(reader: RequestReader, bytes: Uint8Array, from: number): number {
    this.#reader = reader;
    this.#expectsContinue = reader.head.expect !== NO_FIELD && !reader.isDone;
    if (!reader.isDone) this.#upload = new RequestStream(this);
    const request = webRequest(reader, this.#upload?.stream, this.#leaving.signal, this.#channel.client.tls);
    if (!(request instanceof Request)) {
      this.#isOver = true;
      this.#channel.refuse(request);
      return from;
    }
    const end = reader.isDone ? from : this.upload(bytes, from);
    this.#hasBegun = true;
    void this.#answer(request);
    return end;
  }

  upload(bytes: Uint8Array, from: number): number {
    const decoder = (this.#reader as RequestReader).body;
    let at = from;
    while (at < bytes.length && !decoder.isDone) {
      at = decoder.advance(bytes, at);
      if (decoder.dataEnd > decoder.dataStart) {
        this.#expectsContinue = false;
        this.#upload?.push(bytes.subarray(decoder.dataStart, decoder.dataEnd));
      }
    }
    if (decoder.isDone) {
      this.#upload?.end();
      // Nobody asks for more of it, and a client that is held up could not be seen to leave.
      this.#channel.intake.pauseUpload(false);
    }
    return at;
  }

  uploadBroke(problem: Problem): void {
    this.#upload?.fail(new Error("the request's body broke off"));
    const hasWritten = this.#hasWritten;
    this.#over();
    if (hasWritten) this.#channel.breakOff();
    else this.#channel.refuse(problem);
  }

  clientDrained(): void {
    this.#wake?.();
  }

  /** Nothing of a handler's is another protocol: it hands that over. */
  clientEnded(): void {}

  clientLeft(): void {
    this.#upload?.fail(new Error("the client left"));
    this.#over();
  }

  /** The body's. */
  wanted(): void {
    if (this.#isOver) return;
    if (this.#expectsContinue && !this.#hasWritten) {
      this.#expectsContinue = false;
      this.#channel.write(CONTINUE);
    }
    this.#channel.intake.pauseUpload(false);
  }

  /** The body's. */
  notWanted(): void {
    if (!this.#isOver) this.#channel.intake.pauseUpload(true);
  }

  async #answer(request: Request): Promise<void> {
    try {
      await this.#respond(await this.#handler(request, this.#client));
    } catch (error) {
      // A handler never rejects. One that does all the same must not leave its client waiting, nor end the program.
      console.error(error);
      if (this.#isOver) return;
      this.#over();
      if (this.#hasWritten) this.#channel.breakOff();
      else this.#channel.refuse(INTERNAL_ERROR);
    }
  }

  async #respond(response: Response): Promise<void> {
    // A client may not even have taken the interim answer.
    if (this.#channel.isFull) await this.#writable();
    if (this.#isOver) {
      if (response.body !== null) void letGo(response.body.getReader());
      return;
    }
    // `Response.error()` has a status that is none.
    if (response.status < 200) throw new Error(`a handler answered with the status ${response.status}`);
    const { head } = this.#reader as RequestReader;
    const isKept = this.#channel.isKept && this.#reader?.isDone === true;
    const framing = responseFraming(response, head.method, head.minorVersion, isKept);
    this.#hasWritten = true;
    this.#channel.write(responseHead(response, framing));
    if (framing.hasBody && response.body !== null) {
      await this.#send(response.body, framing.isChunked, framing.length);
    } else if (response.body !== null) {
      void letGo(response.body.getReader());
    }
    if (this.#isOver) return;
    this.#isOver = true;
    this.#channel.answered(framing.isKept);
  }

  /** What is known of the client. Only a request tells its protocol, and whether it would have another one. */
  get #client(): ClientInfo {
    const { client } = this.#channel;
    const reader = this.#reader as RequestReader;
    if (mayUpgrade(reader)) {
      return new UpgradingClient(client, (...handed) => this.#handOver(...handed));
    }
    return reader.isOld ? { ...client, protocol: "1.0" } : client;
  }

  #handOver(...handed: Parameters<HandOver>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#channel.relayInstead(...handed);
  }

  /** Sends a body as it comes, no faster than the client takes it. */
  async #send(
    body: ReadableStream<Uint8Array>,
    isChunked: boolean,
    length: number | undefined,
  ): Promise<void> {
    const reader = body.getReader();
    this.#download = reader;
    let left = length ?? Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        await this.#writable();
        const { done, value } = await reader.read();
        if (this.#isOver) return;
        if (done) break;
        left -= value.byteLength;
        // What is too much would be read as the next answer (RFC 9112 §11.1).
        if (left < 0) throw new Error("the body is longer than its Content-Length");
        await this.#writable();
        if (this.#isOver) return;
        if (value.byteLength > 0) this.#channel.write(isChunked ? chunkOf(value) : value);
      }
      if (length !== undefined && left > 0) throw new Error("the body is shorter than its Content-Length");
      await this.#writable();
      if (isChunked && !this.#isOver) this.#channel.write(LAST_CHUNK);
      this.#download = undefined;
    } catch {
      // Whoever made the body knows why it broke; the client has to see that it did.
      if (this.#isOver) return;
      this.#over();
      this.#channel.breakOff();
    }
  }

  async #writable(): Promise<void> {
    while (this.#channel.isFull && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake?.();
    this.#leaving.abort();
    if (this.#download !== undefined) void letGo(this.#download);
  }
}
