import type { Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import { letGo } from "../transport/let-go.ts";
import type { ExchangeHooks, TransportFailure } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import type { RequestBody } from "./request-body.ts";
import { type AnswerRules, CLIENT_GONE, droppedAnswer, Try } from "./try.ts";

/**
 * How long a try goes unwatched. Most are over by then, and are spared the cost of listening for a client
 * that leaves: the signal of a request is made only when it is looked at.
 */
const WATCH_AFTER_MS = 100;

/** One try of a `Request`. */
export class Exchange extends Try implements ExchangeHooks {
  readonly backend: Backend;
  readonly #request: Request;
  readonly #client: ClientInfo | undefined;
  readonly #content: RequestBody;
  #isWatched = false;
  #controller: AbortController | undefined;
  #answerOutcome: Outcome | undefined;
  #bodyOutcome: Outcome | undefined;

  /**
   * Begins it.
   *
   * @param attempts Says when it begins and how long it may take.
   * @param content The request's body.
   */
  constructor(
    balancer: Balancer,
    wheel: DeadlineWheel,
    rules: AnswerRules,
    attempts: Attempts,
    backend: Backend,
    request: Request,
    client: ClientInfo | undefined,
    content: RequestBody,
  ) {
    super(balancer, wheel, rules);
    this.backend = backend;
    this.#request = request;
    this.#client = client;
    this.#content = content;
    const { nowMs, headTimeoutMs, endsAtMs } = attempts;
    this.beginTry(backend, nowMs, headTimeoutMs, endsAtMs, WATCH_AFTER_MS);
  }

  /** Aborted when this side stops the exchange. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.abortedWith !== undefined) this.#controller.abort();
    }
    return this.#controller.signal;
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

  /**
   * Ends the exchange with an answer that nobody gets. If it is not whole yet, its connection is closed.
   *
   * @returns What the try came to.
   */
  drop({ status, body }: Response): TransportFailure {
    if (body !== null) void letGo(body);
    return this.endFailed(droppedAnswer(status));
  }

  /** Gives the exchange up, since another one of the same request goes on. */
  cancel(reason: TransportFailure): void {
    this.abort(reason);
    this.end(reason.outcome, reason.message);
  }

  /** Another exchange of the same request has ended, and may have let go of the client. */
  holdAgain(): void {
    if (this.#isWatched) this.#client?.hold?.();
  }

  /** The transport's call. */
  bodyEnded(bodyOutcome: Outcome): void {
    this.#bodyOutcome = bodyOutcome;
    if (this.#answerOutcome === undefined) return;
    if (bodyOutcome === Outcome.ok) this.end(this.#answerOutcome);
    else this.endFailed({ outcome: bodyOutcome, message: "the answer broke off" });
  }

  /** The transport's call. */
  bodyMoved(isHeldUp: boolean): void {
    this.moved(isHeldUp);
  }

  /** The wheel's call: first to begin watching for a client that leaves, then as for every try. */
  override expire(): void {
    if (!this.#isWatched) this.#watch();
    super.expire();
  }

  protected override get progress(): RequestBody {
    return this.#content;
  }

  protected override stop(): void {
    this.#controller?.abort();
  }

  /** What is left of an answered request's body is let go of, or a client that still sends it would be left hanging. */
  protected override released(): void {
    if (this.#isWatched) this.#client?.release?.();
    // Without an answer there may be another try, which needs it.
    if (this.isAnswered) this.#content.discard();
  }

  #watch(): void {
    this.#isWatched = true;
    this.#client?.hold?.();
    const { signal } = this.#request;
    if (signal.aborted) this.abort(CLIENT_GONE);
    else signal.addEventListener("abort", () => this.abort(CLIENT_GONE), { once: true });
  }
}
