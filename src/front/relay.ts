import type { Backend } from "../core/backend.ts";
import { outcomeOf } from "../core/outcome.ts";
import { isForwarded, isIdempotent } from "../proxy/methods.ts";
import { methodNotAllowed, type Problem } from "../proxy/problem.ts";
import { saidTimeoutMs } from "../proxy/said-timeout.ts";
import { Written } from "../sockets/socket.ts";
import type { ResponseReader } from "../transport/http1/response-reader.ts";
import type { Channel } from "../transport/http1/sending.ts";
import type { Answering, ClientChannel } from "./answering.ts";
import { Download } from "./download.ts";
import { HEAD_BUFFER, type HeadBuffer } from "./head-buffer.ts";
import type { RelayService } from "./relay-service.ts";
import { RelayTries } from "./relay-tries.ts";
import type { RequestReader } from "./request-reader.ts";
import { RequestRewriting } from "./request-rewriting.ts";
import { mayUpgrade } from "./upgrade-offer.ts";
import { Upload } from "./upload.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What of a body goes into one write with its head, in bytes: copying more costs more than a second write. */
const WITH_HEAD_BYTES = 16_384;

/**
 * Relays the requests of one client's connection, one after another, from bytes to bytes: picks a backend, writes
 * the head there with what must change in it changed, passes the body on as it comes, and the answer back in
 * the same way. What it decides by is what every way through the balancer decides by: `Attempts` and `Try`.
 */
export class Relay extends RelayTries implements Answering {
  offersUpgrade = false;
  readonly #client: ClientChannel;
  readonly #rewriting: RequestRewriting;
  readonly #upload: Upload;
  readonly #download: Download;
  /** Where the client says how long its request may take; false if its word does not count. */
  readonly #deadlineHeader: string | false;
  #reader: RequestReader | undefined;
  /** What the request's session is called; "" if it has none. */
  #session = "";
  #channel: Channel | undefined;
  /** Whether the backend takes nothing before it has `drained`. */
  #isFull = false;

  constructor(service: RelayService, client: ClientChannel) {
    super(service);
    this.#client = client;
    this.#upload = new Upload(service.rules.replayLimitBytes);
    this.#rewriting = new RequestRewriting(client.client, service.rules);
    this.#download = new Download(client);
    this.#deadlineHeader = this.#rewriting.isTrusted && service.rules.deadlineHeader;
  }

  begin(reader: RequestReader, bytes: Uint8Array, from: number): number {
    const { head } = reader;
    this.#reader = reader;
    this.method = head.method;
    this.idempotent = isIdempotent(this.method);
    this.offersUpgrade = mayUpgrade(reader);
    this.#download.reset();
    this.#upload.begin();
    this.#upload.finished = reader.isDone;
    const end = reader.isDone ? from : this.#upload.read(reader.body, bytes, from);
    if (isForwarded(this.method)) {
      const { keyOf, sessions } = this.service;
      if (sessions !== undefined) this.#session = sessions.of(reader, this.#client.client);
      this.beginTries(keyOf?.(reader, this.#client.client) ?? "", this.#session, this.#saidTimeoutMs);
    } else {
      this.refuse(methodNotAllowed(this.method));
    }
    return end;
  }

  upload(bytes: Uint8Array, from: number): number {
    const end = this.#upload.read((this.#reader as RequestReader).body, bytes, from);
    this.#sendUpload();
    return end;
  }

  clientDrained(): void {
    this.#download.drained();
    if (this.#download.isOver) this.#downloaded();
    else if (!this.#download.isHeldUp) this.#resume();
  }

  clientEnded(): void {
    this.#upload.finished = true;
    this.#shutdownOnceSent();
  }

  /** For a try of its own, and the hedge's. */
  writeHead(buffer: HeadBuffer, { host }: Backend): void {
    this.#rewriting.write(buffer, this.#reader as RequestReader, host, this.offersUpgrade);
  }

  /** The hedge's. */
  get bodyPieces(): readonly Uint8Array[] {
    return this.#upload.pieces;
  }

  /** The connection's. */
  get isWritten(): boolean {
    return this.#upload.isSent;
  }

  /** The connection's. */
  mayRepeat(wasWritten: boolean): boolean {
    const mayRepeat = !wasWritten || (this.idempotent && this.#upload.replayable);
    if (mayRepeat) this.rewind();
    return mayRepeat;
  }

  /** The connection's. */
  start(channel: Channel): void {
    this.#channel = channel;
    this.#isFull = false;
    this.writeHead(HEAD_BUFFER, this.backend as Backend);
    const first = this.#upload.next;
    const isWithHead = first !== undefined && first.length <= WITH_HEAD_BYTES;
    if (isWithHead) HEAD_BUFFER.add(first);
    const written = channel.writeCopy(HEAD_BUFFER.bytes, HEAD_BUFFER.length);
    if (written === Written.none) return;
    if (isWithHead) this.#upload.take();
    this.#isFull = written === Written.full;
    this.#sendUpload();
  }

  /** The connection's. */
  drained(): void {
    this.#isFull = false;
    this.#sendUpload();
    if (this.#download.isSwitched) this.#shutdownOnceSent();
  }

  /** The connection's. */
  interim(reader: ResponseReader): void {
    // HTTP/1.0 has none (RFC 9110 §15.2).
    if (this.#reader?.isOld === false) this.#download.interim(reader);
  }

  /** The connection's. */
  answer(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    return this.accepts(reader) ? this.pass(reader, bytes, from) : this.drop(reader, bytes, from);
  }

  protected override pass(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    this.answered();
    const end = this.#download.begin(reader, bytes, from, {
      isOld: this.#reader?.isOld === true,
      isKept: this.#client.isKept && this.#upload.finished && !reader.isSwitched,
      setCookie: this.service.sessions?.setCookie(
        this.#session,
        this.backend as Backend,
        this.#reader as RequestReader,
        this.#client.client,
      ),
    });
    if (reader.isSwitched) {
      this.switched();
      this.#upload.finished = false;
      this.#channel?.switchProtocols();
      this.#client.switchProtocols();
    }
    this.#heldUp();
    return end;
  }

  /** The connection's. */
  take(reader: ResponseReader, bytes: Uint8Array): number {
    const end = this.#download.take(reader, bytes, 0);
    this.#heldUp();
    return end;
  }

  /** The connection's. */
  ended(): void {
    this.#download.end();
    if (this.#download.isOver) this.#downloaded();
  }

  /** The connection's. */
  finish(): void {
    this.#channel = undefined;
    if (this.isDropped) {
      this.fail(undefined);
      return;
    }
    this.end(outcomeOf(this.#download.status));
    this.#download.end();
    if (this.#download.isOver) this.#downloaded();
  }

  /** Whoever holds it says so. */
  override fail(error: unknown): void {
    this.#channel = undefined;
    super.fail(error);
  }

  protected override get progress(): Upload {
    return this.#upload;
  }

  protected override get hasPassed(): boolean {
    return this.#download.hasBegun;
  }

  protected override get url(): string {
    const reader = this.#reader as RequestReader;
    return `${this.#client.client.tls ? "https" : "http"}://${reader.authority}${reader.target}`;
  }

  protected override refuse(problem: Problem): void {
    this.hasBegun = false;
    this.#upload.discard();
    this.#client.refuse(problem);
  }

  protected override adopt(channel: Channel | undefined): void {
    this.#channel = channel;
    // What the first backend did not take is of no use any more.
    this.#client.intake.pauseUpload(false);
  }

  protected override breakOff(): void {
    this.hasBegun = false;
    this.#upload.discard();
    this.#client.breakOff();
  }

  /** Begins anew: what comes of the body before there is another connection must not take the place of its beginning. */
  protected override rewind(): void {
    this.#channel = undefined;
    this.#upload.restart();
  }

  /** Sends what there is of the body, as far as the backend takes it; the client waits for the rest. */
  #sendUpload(): void {
    const channel = this.#channel;
    const upload = this.#upload;
    while (channel !== undefined && !this.#isFull) {
      const piece = upload.next;
      if (piece === undefined) break;
      upload.take();
      this.#isFull = channel.write(piece) !== Written.taken;
    }
    if (!upload.finished || upload.isTaken) this.#client.intake.pauseUpload(!upload.isTaken || this.#isFull);
  }

  #heldUp(): void {
    const { isHeldUp } = this.#download;
    if (isHeldUp) this.#channel?.pause();
    this.moved(isHeldUp);
  }

  #resume(): void {
    this.#channel?.resume();
    this.moved(false);
  }

  /** How long the client leaves for its request, if it is one whose word counts. */
  get #saidTimeoutMs(): number {
    const header = this.#deadlineHeader;
    return header === false ? NEVER : saidTimeoutMs((this.#reader as RequestReader).fields.get(header));
  }

  /** Of another protocol's connection: once the client has ended and the backend took all, it is to know. */
  #shutdownOnceSent(): void {
    if (this.#upload.isSent) this.#channel?.shutdown();
  }

  /** The client took all there is. */
  #downloaded(): void {
    if (!this.hasBegun) return;
    // The backend has ended another protocol's connection on its side alone.
    if (this.#channel !== undefined) {
      this.#client.shutdown();
      return;
    }
    this.hasBegun = false;
    this.#upload.discard();
    this.#client.answered(this.#download.isKept);
  }
}
