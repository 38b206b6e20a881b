import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import { Deadline, type DeadlineWheel } from "../core/deadlines.ts";
import { Outcome, outcomeOf } from "../core/outcome.ts";
import type { TransportFailure } from "../transport/transport.ts";

/** How far a request's body has come. */
export interface UploadProgress {
  /** Whether it was read to its end. */
  readonly finished: boolean;
  /** How much of it was read, in bytes. */
  readonly bytesRead: number;
}

/** What an answer comes to that is dropped for another try. */
export function droppedAnswer(status: number): TransportFailure {
  return { outcome: outcomeOf(status), message: `answered ${status}` };
}

/** The client left, or has taken enough of the answer. */
export const CLIENT_GONE: TransportFailure = { outcome: Outcome.clientGone, message: "the client left" };

/** Another try of the same request was answered first. */
export const OUTRUN: TransportFailure = {
  outcome: Outcome.cancelled,
  message: "another try was answered first",
};

const TIMED_OUT: TransportFailure = { outcome: Outcome.timedOut, message: "no answer in time" };
const ANSWER_LATE: TransportFailure = {
  outcome: Outcome.timedOut,
  message: "the answer did not end in time",
};
const ANSWER_STOPPED: TransportFailure = {
  outcome: Outcome.bodyBroken,
  message: "nothing more of the answer came in time",
};
/** Of one that does not read its answer: the backend has done nothing wrong. */
const CLIENT_STOPPED: TransportFailure = {
  outcome: Outcome.clientGone,
  message: "the client took nothing more of the answer in time",
};

/** How often the progress of a body is looked at, at most, in milliseconds. */
const LOOK_MS = 100;

const NEVER = Number.POSITIVE_INFINITY;

/** How long an answer that has begun may make no progress. */
export interface AnswerRules {
  /** The longest silence of the backend in the middle of an answer's body, in milliseconds; 0 is for ever. */
  readonly bodyTimeoutMs: number;
  /** The longest time in which the client takes nothing of what is there for it, in milliseconds; 0 is for ever. */
  readonly writeTimeoutMs: number;
}

/** Whoever sees to both by itself, or to none. */
export const UNLIMITED_ANSWER: AnswerRules = { bodyTimeoutMs: 0, writeTimeoutMs: 0 };

/**
 * One try of one request at one backend, from `begin` to the one `end`, whatever ends it: the answer's last
 * byte, a failure, a time-out, or the client's leaving. One object serves one try after another.
 */
export abstract class Try extends Deadline {
  readonly #balancer: Balancer;
  readonly #wheel: DeadlineWheel;
  readonly #rules: AnswerRules;
  #backend: Backend | undefined;
  #startMs = 0;
  #headTimeoutMs = 0;
  /** When the request was sent as far as is known, in the clock's milliseconds. */
  #waitingSinceMs = 0;
  #bytesSeen = 0;
  #endsAtMs = NEVER;
  /** How often something of the answer's body moved on, and how often when that was looked at. */
  #moves = 0;
  #movesSeen = 0;
  /** Since when nothing has moved as far as is known, in the clock's milliseconds. */
  #stillSinceMs = 0;
  #isHeldUp = false;
  #isAnswered = false;
  #isSwitched = false;
  #isOver = true;
  #abortedWith: TransportFailure | undefined;

  constructor(balancer: Balancer, wheel: DeadlineWheel, rules: AnswerRules = UNLIMITED_ANSWER) {
    super();
    this.#balancer = balancer;
    this.#wheel = wheel;
    this.#rules = rules;
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
   * @param endsAtMs When the answer has to be over, in the clock's milliseconds. Default: never.
   * @param firstLookMs How long until `expire` is called first, if that is earlier. Default: for ever.
   */
  protected beginTry(
    backend: Backend,
    startMs: number,
    headTimeoutMs: number,
    endsAtMs = NEVER,
    firstLookMs = NEVER,
  ): void {
    this.#backend = backend;
    this.#startMs = startMs;
    this.#headTimeoutMs = headTimeoutMs;
    this.#waitingSinceMs = startMs;
    this.#bytesSeen = 0;
    this.#endsAtMs = endsAtMs;
    this.#isHeldUp = false;
    this.#isSwitched = false;
    this.#isAnswered = false;
    this.#isOver = false;
    this.#abortedWith = undefined;
    this.#balancer.begin(backend, startMs);
    const leftMs = Math.min(firstLookMs, headTimeoutMs === 0 ? NEVER : headTimeoutMs, endsAtMs - startMs);
    if (leftMs !== NEVER) this.#wheel.set(this, leftMs, startMs);
  }

  /** Whether it has begun and not ended, and no head of an answer came. */
  protected get isUnanswered(): boolean {
    return !this.#isOver && !this.#isAnswered;
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
    if (this.#isHeldUp || this.#rules.bodyTimeoutMs > 0) this.#watchAnswer();
  }

  /**
   * Goes on with a try that another one has begun, whose head came and was not told `answered`: from now on it is
   * this one's to end. Only while no try of its own is under way.
   */
  protected takeOver(other: Try): void {
    this.#backend = other.#backend;
    this.#startMs = other.#startMs;
    this.#endsAtMs = other.#endsAtMs;
    this.#isHeldUp = false;
    this.#isSwitched = false;
    this.#isAnswered = false;
    this.#isOver = false;
    this.#abortedWith = undefined;
    other.#isOver = true;
    other.#wheel.clear(other);
    const nowMs = this.#balancer.nowMs();
    if (this.#endsAtMs !== NEVER) this.#wheel.set(this, this.#endsAtMs - nowMs, nowMs);
  }

  /** Whether anything limits how long an answer that has begun may take from its backend. */
  get limitsAnswer(): boolean {
    return this.#rules.bodyTimeoutMs > 0 || this.#endsAtMs !== NEVER;
  }

  /**
   * Something of the answer's body came, or was taken by the client.
   *
   * @param isHeldUp Whether no more can come before the client takes some.
   */
  protected moved(isHeldUp: boolean): void {
    this.#moves += 1;
    if (isHeldUp === this.#isHeldUp) return;
    this.#isHeldUp = isHeldUp;
    this.#watchAnswer();
  }

  /** What follows is no answer but another protocol's connection: it may last, and be silent, for ever. */
  protected switched(): void {
    this.#endsAtMs = NEVER;
    this.#wheel.clear(this);
    this.#isSwitched = true;
  }

  /** Ends the try; does nothing if it is over. */
  end(outcome: Outcome, reason = ""): void {
    if (this.#isOver || this.#backend === undefined) return;
    this.#isOver = true;
    const isUnanswered = outcome === Outcome.timedOut || outcome === Outcome.cancelled;
    if (isUnanswered && !this.#isAnswered) {
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

  /** The wheel's call: something may be late. */
  override expire(): void {
    if (this.#isOver || this.#abortedWith !== undefined) return;
    const nowMs = this.#balancer.nowMs();
    if (nowMs >= this.#endsAtMs) {
      this.#giveUp(this.#isAnswered ? (this.#isHeldUp ? CLIENT_STOPPED : ANSWER_LATE) : TIMED_OUT);
      return;
    }
    const lookMs = this.#isAnswered ? this.#lookAtAnswer(nowMs) : this.#lookAtRequest(nowMs);
    const nextMs = Math.min(lookMs, this.#endsAtMs - nowMs);
    if (lookMs > 0 && nextMs !== NEVER) this.#wheel.set(this, nextMs, nowMs);
  }

  /** Whether the head is late. Returns when to look again, in milliseconds from now; 0 if it is. */
  #lookAtRequest(nowMs: number): number {
    if (this.#headTimeoutMs === 0) return NEVER;
    const { bytesRead, finished } = this.progress;
    if (bytesRead > this.#bytesSeen) {
      // An answer cannot be late before there is a question.
      this.#bytesSeen = bytesRead;
      this.#waitingSinceMs = nowMs;
    }
    const leftMs = this.#headTimeoutMs - (nowMs - this.#waitingSinceMs);
    if (leftMs > 0) return finished ? leftMs : Math.min(leftMs, lookMs(this.#headTimeoutMs));
    this.#giveUp(TIMED_OUT);
    return 0;
  }

  /** The same of the body. */
  #lookAtAnswer(nowMs: number): number {
    const limitMs = this.#stillnessMs;
    if (this.#moves !== this.#movesSeen) {
      this.#movesSeen = this.#moves;
      this.#stillSinceMs = nowMs;
    }
    const leftMs = limitMs - (nowMs - this.#stillSinceMs);
    if (leftMs > 0) return Math.min(leftMs, lookMs(limitMs));
    this.#giveUp(this.#isHeldUp ? CLIENT_STOPPED : ANSWER_STOPPED);
    return 0;
  }

  /** Begins to look whether the body moves on, if anything limits how long it may not. */
  #watchAnswer(): void {
    const limitMs = this.#stillnessMs;
    if (limitMs === NEVER || !this.#isAnswered || this.#isOver) return;
    const nowMs = this.#balancer.nowMs();
    this.#movesSeen = this.#moves;
    this.#stillSinceMs = nowMs;
    this.#wheel.hasten(this, lookMs(limitMs), nowMs);
  }

  /** How long the body may not move on as things are; infinite for ever. */
  get #stillnessMs(): number {
    const { bodyTimeoutMs, writeTimeoutMs } = this.#rules;
    const limitMs = this.#isHeldUp ? writeTimeoutMs : bodyTimeoutMs;
    return limitMs === 0 || this.#isSwitched ? NEVER : limitMs;
  }

  /** Nobody may be waiting for the end of an answer that has begun: so it is ended here. */
  #giveUp(reason: TransportFailure): void {
    const wasAnswered = this.#isAnswered;
    this.abort(reason);
    if (wasAnswered) this.end(reason.outcome, reason.message);
  }
}

/** How often to look at a body that may stand still for so long: often enough that the limit is met to a fraction. */
function lookMs(limitMs: number): number {
  return Math.max(LOOK_MS, limitMs / 8);
}
