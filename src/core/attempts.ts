import type { Backend } from "./backend.ts";
import type { Balancer } from "./balancer.ts";
import type { Outcome } from "./outcome.ts";
import type { Stickiness } from "./sticky.ts";
import { Tried } from "./tried.ts";

/** How long a request may take. */
export interface AttemptRules {
  /** The longest wait for an answer's head, all tries together, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** The same for one try. */
  readonly tryTimeoutMs: number;
  /** The longest time from a request's head to the last byte of its answer, in milliseconds; 0 is for ever. */
  readonly requestTimeoutMs: number;
}

/**
 * The tries of one request: where each goes, how long it may take, and whether there is another. Whoever
 * forwards requests asks it, in whatever way the bytes go. One object serves one request after another.
 */
export class Attempts {
  readonly #balancer: Balancer;
  readonly #rules: AttemptRules;
  #key = "";
  #session = "";
  #admittedMs = 0;
  #nowMs = 0;
  #endsAtMs = FOR_EVER;
  #retries = 0;
  #isHedged = false;
  #waitMs = 0;
  /** Only once a try has failed: most requests need none. */
  #tried: Tried | undefined;

  constructor(balancer: Balancer, rules: AttemptRules) {
    this.#balancer = balancer;
    this.#rules = rules;
  }

  /**
   * Begins another request.
   *
   * @param key What the balancer's `keySource` says of it; empty if it says nothing, or the request has none.
   * @param session What its session is called for the balancer's `stickiness`. Default: it has none.
   */
  admit(key: string, session = ""): void {
    this.#key = key;
    this.#session = session;
    this.#admittedMs = this.#balancer.admit();
    this.#nowMs = this.#admittedMs;
    const { requestTimeoutMs } = this.#rules;
    this.#endsAtMs = requestTimeoutMs === 0 ? FOR_EVER : this.#admittedMs + requestTimeoutMs;
    this.#retries = 0;
    this.#isHedged = false;
    this.#waitMs = 0;
    this.#tried = undefined;
  }

  /** Gives the request, which was just admitted, no more time than this, in milliseconds. */
  limit(requestTimeoutMs: number): void {
    this.#endsAtMs = Math.min(this.#endsAtMs, this.#admittedMs + requestTimeoutMs);
  }

  /** When the request has to be over, in the clock's milliseconds; infinite if there is no limit. */
  get endsAtMs(): number {
    return this.#endsAtMs;
  }

  /** When the next try begins, in the clock's milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /**
   * How long to wait before the next try, in milliseconds: longer than 0 only if it goes to a backend that has
   * failed before.
   */
  get waitMs(): number {
    return this.#waitMs;
  }

  /**
   * The backend of the next try: another than those before while there is one. Undefined if none is available.
   * To be asked when the wait for it is over.
   */
  next(): Backend | undefined {
    if (this.#waitMs > 0) {
      this.#waitMs = 0;
      this.#nowMs = this.#balancer.nowMs();
    }
    const { stickiness } = this.#balancer;
    return stickiness === undefined ? this.#pick() : this.#ofSession(stickiness);
  }

  /** The longest wait for the head in the next try, in milliseconds; 0 is for ever. */
  get headTimeoutMs(): number {
    const { timeoutMs, tryTimeoutMs } = this.#rules;
    if (timeoutMs === 0) return tryTimeoutMs;
    const leftMs = Math.max(1, timeoutMs - (this.#nowMs - this.#admittedMs));
    return tryTimeoutMs === 0 ? leftMs : Math.min(leftMs, tryTimeoutMs);
  }

  /**
   * How long the try that begins now may go unanswered before `hedge` should be asked for a second one, in
   * milliseconds; -1 for ever. Only for requests whose repeating is harmless.
   */
  get hedgeDelayMs(): number {
    const { hedgeDelay } = this.#balancer.retries;
    // What a session has left at its backend is nowhere else.
    if (hedgeDelay === undefined || this.#isHedged || this.#session !== "") return -1;
    return hedgeDelay.at(this.#nowMs);
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
    const tried = this.#triedAlso(backend);
    if (!this.#isInTime(0) || !tried.leaves(this.#balancer.pool.ready)) return undefined;
    if (!this.#balancer.retries.mayHedge(this.#nowMs)) return undefined;
    const another = this.#balancer.pick(this.#key, tried.backends, this.#nowMs);
    return another !== undefined && tried.backends.includes(another) ? undefined : another;
  }

  /**
   * Whether there is another try after one that failed.
   *
   * @param idempotent Whether repeating the request is harmless (RFC 9110 §9.2.2).
   * @param replayable Whether its body can still be sent from its first byte.
   */
  mayTryAgain(backend: Backend, outcome: Outcome, idempotent: boolean, replayable: boolean): boolean {
    this.#triedAlso(backend);
    // Where none is left, the next one is asked for in vain, and the client is told so.
    const waitMs = this.#balancer.pool.ready.length === 0 ? 0 : this.#nextWaitMs();
    if (!this.#isInTime(waitMs)) return false;
    if (!this.#balancer.mayRetry(this.#retries, outcome, idempotent, replayable, this.#nowMs)) return false;
    this.#repeat(waitMs);
    return true;
  }

  /** An answer was dropped while another try is under way, and wants its backend to be left alone for so long. */
  hold(backend: Backend, retryAfterMs: number): void {
    const tried = this.#triedAlso(backend);
    if (retryAfterMs > 0) tried.hold(backend, this.#nowMs + retryAfterMs);
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
    const { pool, retries } = this.#balancer;
    if (!pool.ready.some(({ isFull }) => !isFull)) return false;
    const waitMs = this.#nextWaitMs();
    if (!this.#isInTime(waitMs)) return false;
    if (!retries.mayReplace(this.#retries, status, idempotent, replayable, this.#nowMs)) return false;
    this.#repeat(waitMs);
    return true;
  }

  #triedAlso(backend: Backend): Tried {
    this.#nowMs = this.#balancer.nowMs();
    this.#tried ??= new Tried();
    this.#tried.add(backend);
    return this.#tried;
  }

  #nextWaitMs(): number {
    const { pool, retries } = this.#balancer;
    return (this.#tried as Tried).waitMs(pool.ready, this.#nowMs, retries);
  }

  /** Whether there is time left for another try after such a wait. */
  #isInTime(waitMs: number): boolean {
    const { timeoutMs } = this.#rules;
    const beginsMs = this.#nowMs + waitMs;
    if (beginsMs >= this.#endsAtMs) return false;
    return timeoutMs === 0 ? waitMs <= LONGEST_WAIT_MS : beginsMs - this.#admittedMs < timeoutMs;
  }

  #repeat(waitMs: number): void {
    this.#retries += 1;
    this.#waitMs = waitMs;
  }

  #pick(): Backend | undefined {
    const tried = this.#tried;
    const backend = this.#balancer.pick(this.#key, tried?.backends, this.#nowMs);
    return tried === undefined ? backend : tried.allowed(backend, this.#balancer.pool.ready, this.#nowMs);
  }

  /** The session's own backend, unless a try there has failed. */
  #ofSession(stickiness: Stickiness): Backend | undefined {
    const own = stickiness.backendOf(this.#session, this.#nowMs);
    if (own !== undefined && this.#tried?.has(own) !== true) return own;
    const backend = this.#pick();
    if (backend !== undefined) stickiness.bind(this.#session, backend, this.#nowMs);
    return backend;
  }
}

/** The longest wait for a backend that said when to come back, where no time-out limits it, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

const FOR_EVER = Number.POSITIVE_INFINITY;
