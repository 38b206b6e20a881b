import { CHUNKED, UNTIL_CLOSE } from "../http1/framing.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { HOP_BY_HOP } from "../http1/hop-by-hop.ts";
import { chunkOf, LAST_CHUNK } from "../http1/request-writer.ts";
import { joined, type ResponseReader } from "../transport/http1/response-reader.ts";
import { type AnswerTo, Framing, writeAnswerHead } from "./answer-head.ts";
import type { ClientChannel } from "./answering.ts";
import { HEAD_BUFFER } from "./head-buffer.ts";
import { Passing } from "./passing.ts";

/** What of a body is copied to its head, in bytes. A longer one stays where it is. */
const COPIED_BYTES = 1_024;

/** An answer on its way from a backend to the client, one after another. */
export class Download {
  /** The answer's status. */
  status = 0;
  /** Whether the client's connection can take another request after it. */
  isKept = false;
  /** Whether its head was passed on. */
  hasBegun = false;
  readonly #client: ClientChannel;
  readonly #passing = new Passing(mayPassAsTrailer);
  #framing: Framing = Framing.same;
  /** What came while the client took nothing more: as much as was under way when the backend was held up. */
  #waiting: Uint8Array[] = [];
  #hasEnded = false;

  constructor(client: ClientChannel) {
    this.#client = client;
  }

  /** Whether the client has not taken all there is: no more should come. */
  get isHeldUp(): boolean {
    return this.#client.isFull;
  }

  /** Whether all of the answer came, and the client took it. */
  get isOver(): boolean {
    return this.#hasEnded && this.#waiting.length === 0;
  }

  /** Whether the answer was that the connection is another protocol's from here on. */
  get isSwitched(): boolean {
    return this.status === 101;
  }

  /** Passes on an interim answer's head (RFC 9110 §15.2). */
  interim(reader: ResponseReader): void {
    writeAnswerHead(HEAD_BUFFER, reader, Framing.none, INTERIM);
    this.#sendBuffer();
  }

  /**
   * Begins with an answer whose head was read.
   *
   * @param from Where the body begins in these bytes.
   * @returns How far the body was read.
   * @throws Malformed
   */
  begin(reader: ResponseReader, bytes: Uint8Array, from: number, to: AnswerTo): number {
    const { bodyLength } = reader;
    this.status = reader.line.status;
    this.#framing = framingFor(bodyLength, this.status, to);
    this.isKept = to.isKept && this.#framing !== Framing.close;
    const how = this.isKept === to.isKept ? to : { ...to, isKept: false };
    writeAnswerHead(HEAD_BUFFER, reader, this.#framing, how);
    if (this.#framing !== Framing.same || from === bytes.length || reader.isDone) {
      this.hasBegun = true;
      this.#sendBuffer();
      return this.take(reader, bytes, from);
    }
    const end = this.#passing.read(reader.body, bytes, from);
    this.hasBegun = true;
    this.#sendWithHead(bytes, from, this.#passing.end, reader.head.bytes === bytes);
    if (this.#passing.tail !== undefined) this.#send(this.#passing.tail);
    return end;
  }

  /**
   * Passes on more of the body.
   *
   * @returns How far it was read.
   * @throws Malformed
   */
  take(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    if (from === bytes.length) return from;
    if (this.#framing === Framing.same || this.#framing === Framing.none) {
      const end = this.#passing.read(reader.body, bytes, from);
      const whole = from === 0 && this.#passing.end === bytes.length;
      if (this.#passing.end > from) this.#send(whole ? bytes : bytes.subarray(from, this.#passing.end));
      if (this.#passing.tail !== undefined) this.#send(this.#passing.tail);
      return end;
    }
    const pieces: Uint8Array[] = [];
    const end = reader.readBody(bytes, from, pieces);
    const data = joined(pieces);
    if (data !== null) this.#send(this.#framing === Framing.chunks ? chunkOf(data) : data);
    return end;
  }

  /** All of the answer came. */
  end(): void {
    if (this.#framing === Framing.chunks) this.#send(LAST_CHUNK);
    this.#hasEnded = true;
  }

  /** The client takes more again. */
  drained(): void {
    while (!this.#client.isFull) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#client.write(next);
    }
  }

  /** Another request was made: its answer is to come. */
  reset(): void {
    this.hasBegun = false;
    this.#hasEnded = false;
  }

  #send(bytes: Uint8Array): void {
    if (this.#client.isFull || this.#waiting.length > 0) this.#waiting.push(bytes);
    else this.#client.write(bytes);
  }

  /**
   * Sends the head in the buffer and the beginning of its body in one write, without copying a body that is long.
   *
   * @param isInPlace Whether the bytes before `from` are those of the head as it came, which is done with.
   */
  #sendWithHead(bytes: Uint8Array, from: number, end: number, isInPlace: boolean): void {
    const { length } = HEAD_BUFFER;
    if (end - from <= COPIED_BYTES) {
      HEAD_BUFFER.copy(bytes, from, end);
      this.#sendBuffer();
    } else if (isInPlace && length <= from) {
      HEAD_BUFFER.copyTo(bytes, from - length);
      this.#send(bytes.subarray(from - length, end));
    } else {
      this.#sendBuffer();
      this.#send(bytes.subarray(from, end));
    }
  }

  #sendBuffer(): void {
    const { bytes, length } = HEAD_BUFFER;
    if (this.#client.isFull || this.#waiting.length > 0) this.#waiting.push(bytes.slice(0, length));
    else this.#client.writeCopy(bytes, length);
  }
}

const INTERIM: AnswerTo = { isOld: false, isKept: true, setCookie: undefined };

function framingFor(bodyLength: number, status: number, { isOld }: AnswerTo): Framing {
  if (status === 101) return Framing.none;
  if (bodyLength === UNTIL_CLOSE) return isOld ? Framing.close : Framing.chunks;
  return bodyLength === CHUNKED && isOld ? Framing.close : Framing.same;
}

/**
 * Whether a trailer field of an answer may pass (RFC 9110 §6.5.1): not if a client that takes trailers for
 * headers would then read another answer.
 */
function mayPassAsTrailer(trailers: HeadParser, field: number): boolean {
  return !NEVER_TRAILERS.has(trailers.name(field).toLowerCase());
}

const NEVER_TRAILERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "location",
  "set-cookie",
  "www-authenticate",
]);
