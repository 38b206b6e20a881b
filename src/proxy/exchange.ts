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
  readonly #startMs: number;
  readonly #headTimeoutMs: number;
  #isWatched = false;
  #isAnswered = false;
  #isOver = false;
  #abortedWith: Outcome | undefined;
  #controller: AbortController | undefined;
  #answerOutcome: Outcome | undefined;
  #bodyOutcome: Outcome | undefined;
  #content: RequestBody | undefined;

  /**
   * @param startMs Now, in the clock's milliseconds.
   * @param headTimeoutMs The longest wait for the answer's head; 0 is for ever.
   */
  constructor(
    balancer: Balancer,
    wheel: DeadlineWheel,
    backend: Backend,
    request: Request,
    client: ClientInfo | undefined,
    startMs: number,
    headTimeoutMs: number,
  ) {
    super();
    this.#balancer = balancer;
    this.#wheel = wheel;
    this.backend = backend;
    this.#request = request;
    this.#client = client;
    this.#headTimeoutMs = headTimeoutMs;
    this.#startMs = startMs;
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
   * @param content The request's body: what is left of it by then is let go of.
   */
  endWithBody(outcome: Outcome, content: RequestBody): void {
    this.#answerOutcome = outcome;
    this.#content = content;
    if (this.#bodyOutcome !== undefined) this.bodyEnded(this.#bodyOutcome);
  }

  /** The transport's call. */
  bodyEnded(bodyOutcome: Outcome): void {
    this.#bodyOutcome = bodyOutcome;
    if (this.#answerOutcome === undefined) return;
    if (bodyOutcome === Outcome.ok) this.end(this.#answerOutcome);
    else this.fail({ outcome: bodyOutcome, message: "the answer broke off" });
    this.#content?.discard();
  }

  /** Ends the exchange. Does nothing if it is over. */
  end(outcome: Outcome, reason = ""): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wheel.clear(this);
    if (this.#isWatched) this.#client?.release?.();
    this.#balancer.end(this.backend, outcome, reason);
  }

  /** Ends the exchange with a failure, and says what it came to: what this side did goes before what it led to. */
  fail(failure: TransportFailure): Outcome {
    const outcome = this.#abortedWith ?? failure.outcome;
    this.end(outcome, failure.message);
    return outcome;
  }

  /** Stops the exchange from this side: the backend's connection is closed. */
  abort(outcome: Outcome): void {
    if (this.#isOver || this.#abortedWith !== undefined) return;
    this.#abortedWith = outcome;
    this.#controller?.abort();
  }

  /** The wheel's call: first to begin watching, then because the head is late. */
  override expire(): void {
    if (!this.#isWatched) this.#watch();
    if (this.#isAnswered || this.#headTimeoutMs === 0 || this.#abortedWith !== undefined) return;
    const leftMs = this.#headTimeoutMs - (this.#balancer.nowMs() - this.#startMs);
    if (leftMs > 0) this.#wheel.set(this, leftMs);
    else this.abort(Outcome.timedOut);
  }

  #watch(): void {
    this.#isWatched = true;
    this.#client?.hold?.();
    const { signal } = this.#request;
    if (signal.aborted) this.abort(Outcome.clientGone);
    else signal.addEventListener("abort", () => this.abort(Outcome.clientGone), { once: true });
  }
}
