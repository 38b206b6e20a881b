import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import { Deadline, type DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import type { TransportFailure } from "../transport/transport.ts";

/** How far a request's body has come. */
export interface UploadProgress {
  /** Whether it was read to its end. */
  readonly finished: boolean;
  /** How much of it was read, in bytes. */
  readonly bytesRead: number;
}

/** The client left, or has taken enough of the answer. */
export const CLIENT_GONE: TransportFailure = { outcome: Outcome.clientGone, message: "the client left" };

const TIMED_OUT: TransportFailure = { outcome: Outcome.timedOut, message: "no answer in time" };

/** How often an upload's progress is looked at, at least, in milliseconds. */
const LOOK_MS = 100;

/**
 * One try of one request at one backend, from `begin` to the one `end`, whatever ends it: the answer's last
 * byte, a failure, a time-out, or the client's leaving. One object serves one try after another.
 */
export abstract class Try extends Deadline {
  readonly #balancer: Balancer;
  readonly #wheel: DeadlineWheel;
  #backend: Backend | undefined;
  #startMs = 0;
  #headTimeoutMs = 0;
  /** When the request was sent as far as is known, in the clock's milliseconds. */
  #waitingSinceMs = 0;
  #bytesSeen = 0;
  #isAnswered = false;
  #isOver = true;
  #abortedWith: TransportFailure | undefined;

  constructor(balancer: Balancer, wheel: DeadlineWheel) {
    super();
    this.#balancer = balancer;
    this.#wheel = wheel;
  }

  /** The request's body. */
  protected abstract get progress(): UploadProgress;

  /** Stops what is under way: `abort` was called. */
  protected abstract stop(reason: TransportFailure): void;

  /** What is to be let go of when a try ends. Nothing by default. */
  protected released(): void {}

  /**
   * Begins a try.
   *
   * @param startMs Now, in the clock's milliseconds.
   * @param headTimeoutMs The longest wait for the answer's head; 0 is for ever. While the body is still being
   *   read, it is the longest time without any progress.
   * @param firstLookMs When `expire` is called first, if that is earlier. Default: never.
   */
  protected beginTry(
    backend: Backend,
    startMs: number,
    headTimeoutMs: number,
    firstLookMs = Number.POSITIVE_INFINITY,
  ): void {
    this.#backend = backend;
    this.#startMs = startMs;
    this.#headTimeoutMs = headTimeoutMs;
    this.#waitingSinceMs = startMs;
    this.#bytesSeen = 0;
    this.#isAnswered = false;
    this.#isOver = false;
    this.#abortedWith = undefined;
    this.#balancer.begin(backend, startMs);
    const leftMs = headTimeoutMs === 0 ? firstLookMs : Math.min(firstLookMs, headTimeoutMs);
    if (leftMs !== Number.POSITIVE_INFINITY) this.#wheel.set(this, leftMs, startMs);
  }

  /** Whether the head of an answer came. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Why this side stopped the try, if it did. */
  protected get abortedWith(): TransportFailure | undefined {
    return this.#abortedWith;
  }

  /** The head of the answer came: it is not late any more. */
  answered(): void {
    this.#isAnswered = true;
    if (this.#backend !== undefined) this.#balancer.answered(this.#backend, this.#startMs);
  }

  /** Ends the try; does nothing if it is over. */
  end(outcome: Outcome, reason = ""): void {
    if (this.#isOver || this.#backend === undefined) return;
    this.#isOver = true;
    if (outcome === Outcome.timedOut && !this.#isAnswered) {
      this.#balancer.unanswered(this.#backend, this.#startMs);
    }
    this.#wheel.clear(this);
    this.released();
    this.#balancer.end(this.#backend, outcome, reason, this.#startMs);
  }

  /** Ends the try with a failure, and says what it came to: what this side did goes before what it led to. */
  endFailed(failure: TransportFailure): TransportFailure {
    const ending = this.#abortedWith ?? failure;
    this.end(ending.outcome, ending.message);
    return ending;
  }

  /** Stops the try from this side: the backend's connection is closed. */
  abort(reason: TransportFailure): void {
    if (this.#isOver || this.#abortedWith !== undefined) return;
    this.#abortedWith = reason;
    this.stop(reason);
  }

  /** The wheel's call: the head may be late. */
  override expire(): void {
    if (this.#isAnswered || this.#headTimeoutMs === 0 || this.#abortedWith !== undefined) return;
    const nowMs = this.#balancer.nowMs();
    const { bytesRead, finished } = this.progress;
    if (bytesRead > this.#bytesSeen) {
      // An answer cannot be late before there is a question.
      this.#bytesSeen = bytesRead;
      this.#waitingSinceMs = nowMs;
    }
    const leftMs = this.#headTimeoutMs - (nowMs - this.#waitingSinceMs);
    // Often enough that the time-out is met to a fraction.
    const lookMs = finished ? Number.POSITIVE_INFINITY : Math.max(LOOK_MS, this.#headTimeoutMs / 8);
    if (leftMs > 0) this.#wheel.set(this, Math.min(leftMs, lookMs), nowMs);
    else this.abort(TIMED_OUT);
  }
}
