import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import { Deadline, type DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import type { ExchangeHooks, TransportFailure } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import type { RequestBody } from "./request-body.ts";

/**
 * How long a try goes unwatched. Most are over by then, and are spared the cost of listening for a client
 * that leaves: the signal of a request is made only when it is looked at.
 */
const WATCH_AFTER_MS = 100;

const TIMED_OUT: TransportFailure = { outcome: Outcome.timedOut, message: "no answer in time" };

/** The client left, or has taken enough of the answer. */
export const CLIENT_GONE: TransportFailure = { outcome: Outcome.clientGone, message: "the client left" };

/**
 * One try of one request at one backend, from `begin` to the one `end`, whatever ends it: the answer's last
 * byte, a failure, a time-out, or the client's leaving.
 */
export class Exchange extends Deadline implements ExchangeHooks {
  readonly backend: Backend;
  readonly #balancer: Balancer;
  readonly #wheel: DeadlineWheel;
  readonly #request: Request;
  readonly #client: ClientInfo | undefined;
  readonly #content: RequestBody;
  readonly #startMs: number;
  readonly #headTimeoutMs: number;
  /** When the request was sent as far as is known, in the clock's milliseconds. */
  #waitingSinceMs: number;
  #bytesSeen = 0;
  #isWatched = false;
  #isAnswered = false;
  #isOver = false;
  #abortedWith: TransportFailure | undefined;
  #controller: AbortController | undefined;
  #answerOutcome: Outcome | undefined;
  #bodyOutcome: Outcome | undefined;

  /**
   * @param content The request's body.
   * @param startMs Now, in the clock's milliseconds.
   * @param headTimeoutMs The longest wait for the answer's head; 0 is for ever. While the body is still being
   *   read, it is the longest time without any progress.
   */
  constructor(
    balancer: Balancer,
    wheel: DeadlineWheel,
    backend: Backend,
    request: Request,
    client: ClientInfo | undefined,
    content: RequestBody,
    startMs: number,
    headTimeoutMs: number,
  ) {
    super();
    this.#balancer = balancer;
    this.#wheel = wheel;
    this.backend = backend;
    this.#request = request;
    this.#client = client;
    this.#content = content;
    this.#headTimeoutMs = headTimeoutMs;
    this.#startMs = startMs;
    this.#waitingSinceMs = startMs;
    balancer.begin(backend);
    wheel.set(this, headTimeoutMs > 0 ? Math.min(WATCH_AFTER_MS, headTimeoutMs) : WATCH_AFTER_MS, startMs);
  }

  /** Aborted when this side stops the exchange. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedWith !== undefined) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** The head of the answer came. Until `end`, only the client's leaving is watched for. */
  answered(): void {
    this.#isAnswered = true;
    this.#balancer.answered(this.backend, this.#startMs);
  }

  /**
   * Ends the exchange when the transport says that the body is over, or now if it has said so.
   *
   * @param outcome What it is if the body comes to its end.
   */
  endWithBody(outcome: Outcome): void {
    this.#answerOutcome = outcome;
    if (this.#bodyOutcome !== undefined) this.bodyEnded(this.#bodyOutcome);
  }

  /** The transport's call. */
  bodyEnded(bodyOutcome: Outcome): void {
    this.#bodyOutcome = bodyOutcome;
    if (this.#answerOutcome === undefined) return;
    if (bodyOutcome === Outcome.ok) this.end(this.#answerOutcome);
    else this.fail({ outcome: bodyOutcome, message: "the answer broke off" });
  }

  /**
   * Ends the exchange. What is left of an answered request's body by then is let go of, or a client that is
   * still sending it would be left hanging. Does nothing if it is over.
   */
  end(outcome: Outcome, reason = ""): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wheel.clear(this);
    if (this.#isWatched) this.#client?.release?.();
    // Without an answer there may be another try, which needs it.
    if (this.#isAnswered) this.#content.discard();
    this.#balancer.end(this.backend, outcome, reason);
  }

  /** Ends the exchange with a failure, and says what it came to: what this side did goes before what it led to. */
  fail(failure: TransportFailure): TransportFailure {
    const ending = this.#abortedWith ?? failure;
    this.end(ending.outcome, ending.message);
    return ending;
  }

  /** Stops the exchange from this side: the backend's connection is closed. */
  abort(reason: TransportFailure): void {
    if (this.#isOver || this.#abortedWith !== undefined) return;
    this.#abortedWith = reason;
    this.#controller?.abort();
  }

  /** The wheel's call: first to begin watching, then because the head is late. */
  override expire(): void {
    if (!this.#isWatched) this.#watch();
    if (this.#isAnswered || this.#headTimeoutMs === 0 || this.#abortedWith !== undefined) return;
    const nowMs = this.#balancer.nowMs();
    const { bytesRead } = this.#content;
    if (bytesRead > this.#bytesSeen) {
      // An answer cannot be late before there is a question.
      this.#bytesSeen = bytesRead;
      this.#waitingSinceMs = nowMs;
    }
    const leftMs = this.#headTimeoutMs - (nowMs - this.#waitingSinceMs);
    if (leftMs > 0) this.#wheel.set(this, Math.min(leftMs, this.#lookMs()), nowMs);
    else this.abort(TIMED_OUT);
  }

  /** How often an upload's progress is looked at: often enough that the time-out is met to a fraction. */
  #lookMs(): number {
    return this.#content.finished
      ? Number.POSITIVE_INFINITY
      : Math.max(WATCH_AFTER_MS, this.#headTimeoutMs / 8);
  }

  #watch(): void {
    this.#isWatched = true;
    this.#client?.hold?.();
    const { signal } = this.#request;
    if (signal.aborted) this.abort(CLIENT_GONE);
    else signal.addEventListener("abort", () => this.abort(CLIENT_GONE), { once: true });
  }
}
