import type { Socket } from "../sockets/socket.ts";
import { joined } from "../transport/http1/response-reader.ts";

/** Holds a client up while nobody can take what it sends: a backend that is slow, or requests that come too early. */
export class Intake {
  readonly #socket: Socket;
  /** What came after the request under way. */
  #held: Uint8Array | undefined;
  #isUploadPaused = false;
  #isPaused = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether there is something that came too early. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** Whether no more of a request's body is wanted for now. */
  get isUploadPaused(): boolean {
    return this.#isUploadPaused;
  }

  /** Says whether more of a request's body is wanted. */
  pauseUpload(isPaused: boolean): void {
    if (isPaused === this.#isUploadPaused) return;
    this.#isUploadPaused = isPaused;
    this.#update();
  }

  /** Keeps what came too early; the client is held up from now on. */
  hold(bytes: Uint8Array): void {
    this.#held = this.#held === undefined ? bytes : (joined([this.#held, bytes]) as Uint8Array);
    this.#update();
  }

  /** Gives what was kept. The client is held up until `settle`. */
  take(): Uint8Array | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  /** Forgets everything: what comes from now on is of no use. */
  discard(): void {
    this.#held = undefined;
    this.#isUploadPaused = false;
    this.#update();
  }

  /** Lets the client go on if nothing is kept any more. */
  settle(): void {
    this.#update();
  }

  #update(): void {
    const isPaused = this.#isUploadPaused || this.#held !== undefined;
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }
}
