import type { Backend } from "./backend.ts";
import type { Balancer } from "./balancer.ts";
import type { Outcome } from "./outcome.ts";
import type { Stickiness } from "./sticky.ts";

/** How long a request may take until its answer begins. */
export interface AttemptRules {
  /** The longest wait for an answer's head, all tries together, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** The same for one try. */
  readonly tryTimeoutMs: number;
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
  #failed = 0;
  #tried: Backend[] | undefined;

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
    this.#failed = 0;
    this.#tried = undefined;
  }

  /** When the next try begins, in the clock's milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The backend of the next try: another than those before while there is one. Undefined if none is available. */
  next(): Backend | undefined {
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
   * Whether there is another try after one that failed.
   *
   * @param idempotent Whether repeating the request is harmless (RFC 9110 §9.2.2).
   * @param replayable Whether its body can still be sent from its first byte.
   */
  mayTryAgain(backend: Backend, outcome: Outcome, idempotent: boolean, replayable: boolean): boolean {
    const { timeoutMs } = this.#rules;
    this.#nowMs = this.#balancer.nowMs();
    if (timeoutMs > 0 && this.#nowMs - this.#admittedMs >= timeoutMs) return false;
    if (!this.#balancer.mayRetry(this.#failed, outcome, idempotent, replayable, this.#nowMs)) return false;
    this.#failed += 1;
    this.#tried ??= [];
    this.#tried.push(backend);
    return true;
  }

  #pick(): Backend | undefined {
    return this.#balancer.pick(this.#key, this.#tried, this.#nowMs);
  }

  /** The session's own backend, unless a try there has failed. */
  #ofSession(stickiness: Stickiness): Backend | undefined {
    const own = stickiness.backendOf(this.#session, this.#nowMs);
    if (own !== undefined && this.#tried?.includes(own) !== true) return own;
    const backend = this.#pick();
    if (backend !== undefined) stickiness.bind(this.#session, backend, this.#nowMs);
    return backend;
  }
}
