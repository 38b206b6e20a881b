import { Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Cancel } from "../core/clock.ts";
import { Outcome } from "../core/outcome.ts";
import { BROKEN_BODY, failureProblem, type Problem, refusalProblem } from "../proxy/problem.ts";
import { retryAfterMs } from "../proxy/retry-after.ts";
import {
  CLIENT_GONE,
  droppedAnswer,
  OUTRUN,
  Try,
  UNLIMITED_ANSWER,
  type UploadProgress,
} from "../proxy/try.ts";
import { Http1Failure, http1Failure } from "../transport/http1/failure.ts";
import type { ResponseReader } from "../transport/http1/response-reader.ts";
import type { Channel, Holder, Sending } from "../transport/http1/sending.ts";
import type { TransportFailure } from "../transport/transport.ts";
import type { HeadBuffer } from "./head-buffer.ts";
import { Hedge, type HedgedRequest, HedgeTimer } from "./hedge.ts";
import type { RelayService } from "./relay-service.ts";

/**
 * The tries of one client's requests, of one request after another: where each goes, and what follows one that
 * failed. What the bytes do meanwhile is said by whoever extends it.
 */
export abstract class RelayTries extends Try implements HedgedRequest, Sending {
  holder: Holder | undefined;
  method = "";
  idempotent = false;
  /** Whether a request is being answered. */
  hasBegun = false;
  /** Where the try under way goes. */
  protected backend: Backend | undefined;
  /** Where its requests go. */
  readonly service: RelayService;
  readonly #attempts: Attempts;
  /** What an answer that is dropped came to. */
  #dropped: TransportFailure | undefined;
  /** Ends the wait for the next try, while there is one. */
  #cancelWait: Cancel | undefined;
  /** A second try beside the one under way, until one of them is answered. */
  #hedge: Hedge | undefined;
  readonly #hedgeTimer: HedgeTimer | undefined;
  /** What is wrong with the request's body. */
  #brokenBody: Problem = BROKEN_BODY;

  constructor(service: RelayService) {
    // The connection sees to a client that takes nothing.
    super(service.balancer, service.wheel, {
      ...UNLIMITED_ANSWER,
      bodyTimeoutMs: service.rules.bodyTimeoutMs,
    });
    this.service = service;
    this.#attempts = new Attempts(service.balancer, service.rules);
    if (service.hedgeWheel !== undefined) this.#hedgeTimer = new HedgeTimer(() => this.#beginHedge());
  }

  abstract readonly offersUpgrade: boolean;
  abstract readonly isWritten: boolean;
  abstract mayRepeat(wasWritten: boolean): boolean;
  abstract start(channel: Channel): void;
  abstract drained(): void;
  abstract interim(reader: ResponseReader): void;
  abstract writeHead(buffer: HeadBuffer, backend: Backend): void;
  abstract readonly bodyPieces: readonly Uint8Array[];
  abstract answer(reader: ResponseReader, bytes: Uint8Array, from: number): number;
  abstract take(reader: ResponseReader, bytes: Uint8Array): number;
  abstract ended(): void;
  abstract finish(): void;

  /** The request's body, and whether it can still be sent from its first byte. */
  protected abstract override get progress(): UploadProgress & { readonly replayable: boolean };
  /** Whether the head of an answer was passed on, so that the client can be given no other. */
  protected abstract readonly hasPassed: boolean;
  /** The request's URL, for a log. */
  protected abstract get url(): string;
  /** Answers with a problem of the balancer's own. Nothing of an answer was passed on. */
  protected abstract refuse(problem: Problem): void;
  /** The answer cannot come to its end. */
  protected abstract breakOff(): void;
  /** Forgets what was sent: all of the request is to be sent again. */
  protected abstract rewind(): void;
  /** Passes an answer on, as `answer` does with one that it accepts. */
  protected abstract pass(reader: ResponseReader, bytes: Uint8Array, from: number): number;
  /** What is to be sent to the backend from now on, or not any more, goes this way. */
  protected abstract adopt(channel: Channel | undefined): void;

  /** The rest of the request's body will not come. */
  uploadBroke(problem: Problem): void {
    this.#brokenBody = problem;
    this.#giveUp({ outcome: Outcome.requestBroken, message: "the request's body broke off" });
  }

  /** The client is gone. */
  clientLeft(): void {
    this.#giveUp(CLIENT_GONE);
  }

  /** Whoever holds it says so. */
  fail(error: unknown): void {
    if (!this.hasBegun) return;
    this.holder = undefined;
    const { hasPassed } = this;
    const dropped = this.#dropped;
    this.#dropped = undefined;
    const { outcome, message } = this.endFailed(dropped ?? http1Failure(error));
    // Its hedge was answered first, and goes on.
    if (outcome === Outcome.cancelled) return;
    const backend = this.backend as Backend;
    this.service.tryFailed(backend, this.method, this.url, message);
    if (hasPassed) this.breakOff();
    else if (this.#hedge === undefined) this.#goOn(backend, outcome, dropped !== undefined);
  }

  /** The hedge's. */
  hedgeAnswered(hedge: Hedge, reader: ResponseReader, bytes: Uint8Array, from: number): number {
    if (this.#isReplaced(reader, hedge.backend, this.isUnanswered)) return hedge.drop(reader, bytes, from);
    this.#hedge = undefined;
    this.#attempts.over();
    this.abort(OUTRUN);
    this.backend = hedge.backend;
    this.takeOver(hedge);
    this.holder = hedge;
    this.adopt(hedge.takenOver());
    return this.pass(reader, bytes, from);
  }

  /** The hedge's. */
  hedgeFailed(hedge: Hedge, { outcome, message }: TransportFailure, wasDropped: boolean): void {
    if (outcome === Outcome.cancelled) return;
    this.service.tryFailed(hedge.backend, this.method, this.url, message);
    // It was given up together with the request.
    if (this.#hedge !== hedge) return;
    this.#hedge = undefined;
    if (!this.isUnanswered) this.#goOn(hedge.backend, outcome, wasDropped);
  }

  /**
   * Begins with a request that was read.
   *
   * @param key What the balancer's `keySource` says of it.
   * @param session What its session is called.
   * @param limitMs The longest time for it as its client says, in milliseconds; infinite if it does not.
   */
  protected beginTries(key: string, session: string, limitMs: number): void {
    this.hasBegun = true;
    this.#attempts.admit(key, session);
    if (limitMs !== Number.POSITIVE_INFINITY) this.#attempts.limit(limitMs);
    this.#attempt();
  }

  /** Whether the answer under way is one that was not accepted. */
  protected get isDropped(): boolean {
    return this.#dropped !== undefined;
  }

  /**
   * Whether an answer whose head came is the client's. If it is not, `drop` has to follow, and nothing of it may be
   * passed on; another try takes its place.
   */
  protected accepts(reader: ResponseReader): boolean {
    const hedge = this.#hedge;
    if (this.#isReplaced(reader, this.backend as Backend, hedge !== undefined)) {
      const { status } = reader.line;
      this.#dropped = droppedAnswer(status);
      return false;
    }
    this.#hedge = undefined;
    this.#attempts.over();
    hedge?.abort(OUTRUN);
    return true;
  }

  /**
   * Throws an answer away. If it is not whole yet, its connection is closed: waiting for the rest would cost more.
   *
   * @returns How far its body was read.
   * @throws Malformed
   */
  protected drop(reader: ResponseReader, bytes: Uint8Array, from: number): number {
    const end = reader.readBody(bytes, from, []);
    if (!reader.isDone) this.holder?.abandon(this, undefined);
    return end;
  }

  protected override stop(reason: TransportFailure): void {
    const failure = new Http1Failure(reason.outcome, reason.message);
    if (this.holder === undefined) this.fail(failure);
    else this.holder.abandon(this, failure);
  }

  #attempt(): void {
    const backend = this.#attempts.next();
    if (backend !== undefined) this.#begin(backend);
    else if (!this.#attempts.wait(this.#waitOver)) this.#waitOver(undefined);
  }

  /** The wait for room at a backend is over, or there is none. */
  readonly #waitOver = (backend: Backend | undefined): void => {
    if (backend !== undefined) {
      this.#begin(backend);
      return;
    }
    this.#attempts.over();
    this.refuse(refusalProblem(this.#attempts.refusal, this.service.rules.retryAfterSeconds));
  };

  #begin(backend: Backend): void {
    this.backend = backend;
    const { nowMs, headTimeoutMs, endsAtMs } = this.#attempts;
    this.beginTry(backend, nowMs, headTimeoutMs, endsAtMs);
    if (this.#hedgeTimer !== undefined) this.#setHedgeTimer(this.#hedgeTimer);
    this.service.dispatch(backend, this, nowMs);
  }

  #setHedgeTimer(timer: HedgeTimer): void {
    const { nowMs, hedgeDelayMs } = this.#attempts;
    const isHedged = this.idempotent && !this.offersUpgrade && hedgeDelayMs >= 0;
    if (isHedged) this.service.hedgeWheel?.set(timer, hedgeDelayMs, nowMs);
    else this.service.hedgeWheel?.clear(timer);
  }

  /** The try under way has gone unanswered for so long that a second one is worth it, if it may be made. */
  #beginHedge(): void {
    const { finished, replayable } = this.progress;
    if (!this.isUnanswered || !finished || !replayable) return;
    const backend = this.#attempts.hedge(this.backend as Backend);
    if (backend === undefined) return;
    this.#hedge = new Hedge(this.service, this, backend, this.#attempts);
    this.service.dispatch(backend, this.#hedge, this.#attempts.nowMs);
  }

  /**
   * Whether an answer gives way to another try: to one that is under way beside it, or to one that may be made.
   *
   * @param hasRival Whether there is one beside it.
   */
  #isReplaced({ head, line }: ResponseReader, backend: Backend, hasRival: boolean): boolean {
    const { status } = line;
    if (!this.service.balancer.retries.includesStatus(status)) return false;
    const holdMs = status === 503 ? retryAfterMs(head.get("retry-after"), head.get("date")) : 0;
    if (hasRival) {
      this.#attempts.hold(backend, holdMs);
      return true;
    }
    return this.#attempts.mayReplace(backend, status, holdMs, this.idempotent, this.progress.replayable);
  }

  /**
   * No try is under way any more: makes another, if there may be one.
   *
   * @param mayTryAgain Whether that was found out before.
   */
  #goOn(backend: Backend, outcome: Outcome, mayTryAgain: boolean): void {
    const { idempotent, progress } = this;
    if (outcome === Outcome.clientGone) {
      this.#over(outcome);
    } else if (mayTryAgain || this.#attempts.mayTryAgain(backend, outcome, idempotent, progress.replayable)) {
      this.#tryAgain();
    } else {
      this.#over(outcome);
    }
  }

  #tryAgain(): void {
    this.rewind();
    const { waitMs } = this.#attempts;
    if (waitMs === 0) {
      this.#attempt();
      return;
    }
    this.#cancelWait = this.service.balancer.retries.wait(waitMs, () => {
      this.#cancelWait = undefined;
      this.#attempt();
    });
  }

  /** Ends the request from the client's side, however many tries are under way, or one is waited for. */
  #giveUp(reason: TransportFailure): void {
    const hedge = this.#hedge;
    this.#hedge = undefined;
    hedge?.abort(reason);
    this.#cancelWait?.();
    const isWaiting = this.#cancelWait !== undefined || this.#attempts.leave();
    const isBetween = isWaiting || (hedge !== undefined && !this.isUnanswered);
    this.#cancelWait = undefined;
    if (isBetween) this.#over(reason.outcome);
    else this.abort(reason);
  }

  /** There is no other try, and no answer. */
  #over(outcome: Outcome): void {
    this.#attempts.over();
    if (outcome === Outcome.clientGone) this.hasBegun = false;
    else this.refuse(outcome === Outcome.requestBroken ? this.#brokenBody : failureProblem(outcome));
  }
}
