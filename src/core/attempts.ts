import type { Backend } from "./backend.ts";
import type { Balancer } from "./balancer.ts";
import { Destination } from "./destination.ts";
import type { Outcome } from "./outcome.ts";
import { DEFAULT_PRIORITY, rankOf } from "./queue.ts";
import type { Tried } from "./tried.ts";
import { type Refusal, Turn, type Waiter } from "./waiting.ts";

/** How long a request may take, and how urgent it is. */
export interface AttemptRules {
  /** The longest wait for an answer's head, all tries together, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** The same for one try. */
  readonly tryTimeoutMs: number;
  /** The longest time from a request's head to the last byte of its answer, in milliseconds; 0 is for ever. */
  readonly requestTimeoutMs: number;
  /** How urgent requests are that have to wait for room: from 0, the most urgent, to 9. Default 5. */
  readonly priority?: number;
}

/**
 * Told once when a wait for room is over: of the backend, where a try has to begin before it returns; or of undefined
 * if there will be no room, and `refusal` says why.
 */
export type WaitOver = (backend: Backend | undefined) => void;

/**
 * The tries of one request: where each goes, how long it may take, and whether there is another. Whoever
 * forwards requests asks it, in whatever way the bytes go. One object serves one request after another.
 */
export class Attempts extends Destination implements Waiter {
  readonly #rules: AttemptRules;
  #admittedMs = 0;
  #endsAtMs = FOR_EVER;
  #retries = 0;
  #isHedged = false;
  /** How many of the retries under way are this request's: its own, and its second try. */
  #held = 0;
  #waitMs = 0;
  #priority = DEFAULT_PRIORITY;
  #refusal: Refusal = "no-backend";
  /** Only once the request had to wait for room. */
  #turn: Turn | undefined;
  #waitOver: WaitOver = unheard;

  constructor(balancer: Balancer, rules: AttemptRules) {
    super(balancer);
    this.#rules = rules;
  }

  /**
   * Begins another request.
   *
   * @param key What the balancer's `keySource` says of it; empty if it says nothing, or the request has none.
   * @param session What its session is called for the balancer's `stickiness`. Default: it has none.
   * @param priority How urgent it is, from 0, the most urgent, to 9. Default: what the rules say.
   */
  admit(key: string, session = "", priority = this.#rules.priority ?? DEFAULT_PRIORITY): void {
    this.#priority = priority;
    this.#admittedMs = this.balancer.admit();
    this.restart(key, session, this.#admittedMs);
    const { requestTimeoutMs } = this.#rules;
    this.#endsAtMs = requestTimeoutMs === 0 ? FOR_EVER : this.#admittedMs + requestTimeoutMs;
    this.#retries = 0;
    this.#isHedged = false;
    this.#waitMs = 0;
  }

  /** Gives the request, which was just admitted, no more time than this, in milliseconds. */
  limit(requestTimeoutMs: number): void {
    this.#endsAtMs = Math.min(this.#endsAtMs, this.#admittedMs + requestTimeoutMs);
  }

  /** When the request has to be over, in the clock's milliseconds; infinite if there is no limit. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  /**
   * How long to wait before the next try, in milliseconds: longer than 0 only if it goes to a backend that has
   * failed before.
   */
  get waitMs(): number {
    return this.#waitMs;
  }

  /**
   * The backend of the next try: another than those before while there is one. Undefined if none is available, or
   * none has room: `wait` has to follow. To be asked when the wait for it is over.
   */
  next(): Backend | undefined {
    if (this.#waitMs > 0) {
      this.#waitMs = 0;
      this.lookAtClock();
    }
    // There may be room, but those who wait come first.
    if (this.balancer.isHandingOver || this.#isToWaitForSession) return undefined;
    return this.choose(this.nowMs);
  }

  /**
   * Waits for room, after `next` gave no backend. What it waits is part of the time that the request may take.
   *
   * @param over Told when that is over, never before this returns unless it has lost its place by then.
   * @returns False if there is nothing to wait for, or no place: `refusal` says why.
   */
  wait(over: WaitOver): boolean {
    const { waiting } = this.balancer;
    const { isAnyAllowed } = this;
    if (!isAnyAllowed || waiting === undefined) {
      this.#refusal = isAnyAllowed ? "queue-full" : "no-backend";
      return false;
    }
    const { timeoutMs } = this.#rules;
    const endsAtMs = Math.min(this.#endsAtMs, timeoutMs === 0 ? FOR_EVER : this.#admittedMs + timeoutMs);
    this.#turn ??= new Turn(waiting, this);
    this.#waitOver = over;
    this.#refusal = "queue-full";
    return waiting.join(this.#turn, this.#rank, this.nowMs, endsAtMs);
  }

  /** Waits for room no more. False, and nothing happens, if it did not. */
  leave(): boolean {
    return this.#turn !== undefined && this.balancer.waiting?.leave(this.#turn) === true;
  }

  /** Why there was no backend, and no wait for one any more. */
  get refusal(): Refusal {
    return this.#refusal;
  }

  /** The queue's. */
  granted(backend: Backend): void {
    this.lookAtClock();
    this.#waitOver(backend);
  }

  /** The queue's. */
  refused(why: Refusal): void {
    this.#refusal = why;
    this.#waitOver(undefined);
  }

  /** The longest wait for the head in the next try, in milliseconds; 0 is for ever. */
  get headTimeoutMs(): number {
    const { timeoutMs, tryTimeoutMs } = this.#rules;
    if (timeoutMs === 0) return tryTimeoutMs;
    const leftMs = Math.max(1, timeoutMs - (this.nowMs - this.#admittedMs));
    return tryTimeoutMs === 0 ? leftMs : Math.min(leftMs, tryTimeoutMs);
  }

  /**
   * How long the try that begins now may go unanswered before `hedge` should be asked for a second one, in
   * milliseconds; -1 for ever. Only for requests whose repeating is harmless.
   */
  get hedgeDelayMs(): number {
    const { hedgeDelay } = this.balancer.retries;
    // What a session has left at its backend is nowhere else.
    if (hedgeDelay === undefined || this.#isHedged || this.hasSession) return -1;
    return hedgeDelay.at(this.nowMs);
  }

  /**
   * The backend of a second try beside the one under way: one that was not tried. Undefined if there is none, no
   * time, or no budget. There is one for each request at most; it is not among its retries, but in their budget.
   *
   * @param backend Where the one under way is.
   */
  hedge(backend: Backend): Backend | undefined {
    if (this.#isHedged) return undefined;
    this.#isHedged = true;
    // It never waits for room, and takes none from those who do.
    if (this.balancer.isHandingOver) return undefined;
    const tried = this.triedAlso(backend);
    if (!this.#isInTime(0) || !tried.leaves(this.balancer.pool.ready)) return undefined;
    const { retries } = this.balancer;
    if (!retries.mayHedge(this.nowMs)) return undefined;
    const another = this.another(tried);
    if (another === undefined) retries.over(1);
    else this.#held += 1;
    return another;
  }

  /**
   * Whether there is another try after one that failed.
   *
   * @param idempotent Whether repeating the request is harmless (RFC 9110 §9.2.2).
   * @param replayable Whether its body can still be sent from its first byte.
   */
  mayTryAgain(backend: Backend, outcome: Outcome, idempotent: boolean, replayable: boolean): boolean {
    this.triedAlso(backend);
    // Where none is left, the next one is asked for in vain, and the client is told so.
    const waitMs = this.balancer.pool.ready.length === 0 ? 0 : this.#nextWaitMs();
    if (!this.#isInTime(waitMs)) return false;
    if (!this.balancer.mayRetry(this.#retries, outcome, idempotent, replayable, this.nowMs)) return false;
    this.#repeat(waitMs);
    return true;
  }

  /** An answer was dropped while another try is under way, and wants its backend to be left alone for so long. */
  hold(backend: Backend, retryAfterMs: number): void {
    const tried = this.triedAlso(backend);
    if (retryAfterMs > 0) tried.hold(backend, this.nowMs + retryAfterMs);
  }

  /**
   * Whether an answer is dropped, and the request tried again. It is not if there is nowhere or no time to try:
   * then the client gets it.
   *
   * @param retryAfterMs How long its `Retry-After` wants the backend to be left alone; 0 if it has none.
   */
  mayReplace(
    backend: Backend,
    status: number,
    retryAfterMs: number,
    idempotent: boolean,
    replayable: boolean,
  ): boolean {
    this.hold(backend, retryAfterMs);
    const { pool, retries } = this.balancer;
    if (!pool.ready.some(({ isFull }) => !isFull)) return false;
    const waitMs = this.#nextWaitMs();
    if (!this.#isInTime(waitMs)) return false;
    if (!retries.mayReplace(this.#retries, status, idempotent, replayable, this.nowMs)) return false;
    this.#repeat(waitMs);
    return true;
  }

  /**
   * The request has an answer that its client gets, or will have none: it is tried no more. To be told of every request
   * that was admitted, by whatever way it ends, or others could not be tried again for it.
   */
  over(): void {
    if (this.#held === 0) return;
    this.balancer.retries.over(this.#held);
    this.#held = 0;
  }

  #nextWaitMs(): number {
    const { pool, retries } = this.balancer;
    return (this.tried as Tried).waitMs(pool.ready, this.nowMs, retries);
  }

  /** Whether there is time left for another try after such a wait. */
  #isInTime(waitMs: number): boolean {
    const { timeoutMs } = this.#rules;
    const beginsMs = this.nowMs + waitMs;
    if (beginsMs >= this.#endsAtMs) return false;
    return timeoutMs === 0 ? waitMs <= LONGEST_WAIT_MS : beginsMs - this.#admittedMs < timeoutMs;
  }

  #repeat(waitMs: number): void {
    if (this.#retries === 0) this.#held += 1;
    this.#retries += 1;
    this.#waitMs = waitMs;
  }

  /** Whether its session's backend is full, and it may wait there: it is not to move for that. */
  get #isToWaitForSession(): boolean {
    const { stickiness, waiting } = this.balancer;
    if (stickiness === undefined || waiting === undefined) return false;
    return this.ownBackend?.isFull === true && waiting.mayJoin(this.#rank);
  }

  get #rank(): number {
    return rankOf(this.#priority, this.#retries > 0);
  }
}

/** The longest wait for a backend that said when to come back, where no time-out limits it, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

const FOR_EVER = Number.POSITIVE_INFINITY;

function unheard(): void {}
