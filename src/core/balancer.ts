import type { Backend, BackendSpec, StateName } from "./backend.ts";
import { Breaker, type BreakerRules } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import { Ejection, type EjectionRules } from "./ejection.ts";
import { Health, type HealthRules, type StateChange } from "./health.ts";
import { observeLatency, observeSilence } from "./load.ts";
import { isFailure, Outcome } from "./outcome.ts";
import type { PickerFault } from "./picking/guarded.ts";
import { type Algorithm, createPicker, type PickingRules } from "./picking/index.ts";
import type { KeySource, Picker, PickerFactory } from "./picking/picker.ts";
import { Pool } from "./pool.ts";
import type { Random } from "./random.ts";
import { isRetryable, RetryBudget, type RetryRules } from "./retry.ts";

const NOBODY: readonly Backend[] = [];

/** Draws in which a picker may find one that has room, after one that has none. */
const REDRAWS = 2;

/** Everything the decisions depend on. */
export interface BalancerConfig extends PickingRules {
  readonly backends: readonly BackendSpec[];
  /** Its name, or what makes one of the user's own. */
  readonly algorithm: Algorithm | PickerFactory;
  readonly health: HealthRules;
  readonly retry: RetryRules;
  /** When live traffic ejects a backend. Default: only when it refuses connections. */
  readonly outlierDetection?: EjectionRules | false;
  /** When a backend that fails is left alone. Default: never. */
  readonly circuitBreaker?: BreakerRules | false;
  /** The most exchanges under way at each backend, unless its spec says otherwise; 0 is no limit. Default 0. */
  readonly maxInFlight?: number;
}

/** One backend as the status shows it. */
export interface BackendStatus {
  /** The backend's origin. */
  readonly url: string;
  /** True if it is given requests. */
  readonly alive: boolean;
  /** `unchecked`, `up`, `down`, `ejected`, `open` or `half-open`. */
  readonly state: StateName;
  readonly weight: number;
  readonly tier: number;
  /** The most exchanges under way at once; 0 is no limit. */
  readonly maxInFlight: number;
  /** Exchanges under way. */
  readonly inFlight: number;
  /** Exchanges begun since the start. */
  readonly requests: number;
  /** Of these, the ones that failed: no connection, no answer, a broken one, or a status of 500 or above. */
  readonly failures: number;
  /** How often live traffic has ejected it since the start. */
  readonly ejections: number;
  /** Moving average of the time to the head of the answer, in milliseconds; null before the first one. */
  readonly latencyMs: number | null;
}

/**
 * The decisions of one pool behind one door: which backend, may it be tried again, and what was learned.
 *
 * `begin` and `end` pair exactly: an exchange that begins ends once, also when it is aborted. Only the
 * balancer reads the clock; what it is made of is handed the time. A request that succeeds at once costs two
 * readings: when it is admitted, and when it is answered.
 */
export class Balancer {
  readonly pool: Pool;
  readonly health: Health;
  readonly #ejection: Ejection | undefined;
  readonly #breaker: Breaker | undefined;
  readonly #compares: boolean;
  readonly #clock: Clock;
  readonly #picker: Picker;
  readonly #retry: RetryRules;
  readonly #budget = new RetryBudget();
  #inFlight = 0;

  /**
   * @param onChange Told once of each change of a backend's availability.
   * @param onPickerFault Told once if a picker of the user's own does what it must not. Default: nobody.
   */
  constructor(
    config: BalancerConfig,
    clock: Clock,
    random: Random,
    onChange: (change: StateChange) => void,
    onPickerFault: PickerFault = () => {},
  ) {
    this.#clock = clock;
    this.#picker = createPicker(config.algorithm, config, random, onPickerFault);
    this.#retry = config.retry;
    this.pool = new Pool(config.backends, this.#picker, config.maxInFlight);
    const changed = (change: StateChange) => {
      this.pool.refresh();
      onChange(change);
    };
    const { outlierDetection, circuitBreaker } = config;
    if (outlierDetection) {
      this.#ejection = new Ejection(outlierDetection, clock, () => this.pool.members, changed);
    }
    this.#compares = this.#ejection?.compares === true;
    if (circuitBreaker) this.#breaker = new Breaker(circuitBreaker, clock, changed);
    this.#guard();
    this.health = new Health(config.health, clock, changed, (backend, reason) => {
      this.#ejection?.passed(backend, reason);
    });
  }

  /** What of a request `pick` wants as its key. Undefined if it looks at none, and "" will do. */
  get keySource(): KeySource | undefined {
    return this.#picker.keySource;
  }

  /**
   * Chooses a backend; undefined if none is available, or all that are have as many exchanges as they may.
   *
   * @param key The client's or resource's key, as `keySource` says; empty if there is none.
   * @param avoid Backends already tried for this request: another is chosen while there is one.
   * @param nowMs The clock's time.
   */
  pick(key: string, avoid: readonly Backend[] | undefined, nowMs: number): Backend | undefined {
    if (this.pool.ready.length === 0) return undefined;
    const backend = this.#picker.pick(key, nowMs, avoid ?? NOBODY);
    return backend.isFull ? this.#pickAnother(backend, key, avoid ?? NOBODY, nowMs) : backend;
  }

  /** Counts a client's request, once, however many tries it takes, and returns when, in the clock's milliseconds. */
  admit(): number {
    const nowMs = this.#clock.nowMs();
    this.#budget.deposit(nowMs);
    return nowMs;
  }

  /** The clock's time, for those who hold on to when they began. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  /**
   * Begins an exchange.
   *
   * @param startMs What `end` will be given. Default: as there.
   */
  begin(backend: Backend, startMs = Number.POSITIVE_INFINITY): void {
    this.#inFlight += 1;
    backend.inFlight += 1;
    backend.requests += 1;
    this.#picker.begun?.(backend);
    if (!backend.isLimited) return;
    if (backend.circuit !== undefined) this.#breaker?.begin(backend.circuit, startMs);
    this.pool.room.update(backend);
  }

  /** The head of an answer came: the backend's latency is known. */
  answered(backend: Backend, startMs: number): void {
    const nowMs = this.#clock.nowMs();
    observeLatency(backend, nowMs - startMs, nowMs);
  }

  /** No head came in time: the backend's latency is at least what was waited. To be told before `end`. */
  unanswered(backend: Backend, startMs: number): void {
    const nowMs = this.#clock.nowMs();
    observeSilence(backend, nowMs - startMs, nowMs);
  }

  /**
   * Ends an exchange, and learns from how it went.
   *
   * @param reason What happened, in words for a log; used only if it changes the backend's state.
   * @param startMs When it began, in the clock's milliseconds. Default: after all that is known of the backend.
   */
  end(backend: Backend, outcome: Outcome, reason: string, startMs = Number.POSITIVE_INFINITY): void {
    this.#inFlight -= 1;
    backend.inFlight -= 1;
    this.#picker.ended?.(backend);
    if (outcome !== Outcome.ok) this.#failed(backend, outcome, reason, startMs);
    else if (backend.failureStreak > 0 || this.#compares) this.#ejection?.observe(backend, outcome, startMs);
    if (!backend.isLimited) return;
    if (backend.circuit !== undefined) this.#breaker?.end(backend, backend.circuit, outcome, startMs);
    this.pool.room.update(backend);
  }

  /**
   * Whether a request whose try ended like this may be tried again. A yes takes one retry out of the budget.
   *
   * @param attempt How many tries there were before this one: 0 for the first.
   * @param idempotent Whether repeating the request is harmless (RFC 9110 §9.2.2).
   * @param replayable Whether its body can still be sent from its first byte.
   * @param nowMs The clock's time.
   */
  mayRetry(
    attempt: number,
    outcome: Outcome,
    idempotent: boolean,
    replayable: boolean,
    nowMs: number,
  ): boolean {
    return (
      replayable &&
      attempt < this.#retry.retries &&
      isRetryable(this.#retry, outcome, idempotent) &&
      this.#budget.withdraw(nowMs)
    );
  }

  /** Changes the membership; backends that stay keep their state. */
  setBackends(specs: readonly BackendSpec[]): void {
    const before = this.pool.members;
    this.pool.set(specs);
    for (const backend of before) {
      if (this.pool.members.includes(backend)) continue;
      this.health.forget(backend);
      this.#ejection?.forget(backend);
      this.#breaker?.forget(backend);
    }
    this.#guard();
  }

  /** Exchanges under way on all backends, those that left the pool among them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** All backends, in the order given. */
  status(): BackendStatus[] {
    return this.pool.members.map((backend) => ({
      url: backend.origin,
      alive: backend.available,
      state: backend.stateName,
      weight: backend.weight,
      tier: backend.tier,
      maxInFlight: backend.maxInFlight,
      inFlight: backend.inFlight,
      requests: backend.requests,
      failures: backend.failures,
      ejections: backend.ejections,
      latencyMs: backend.ewmaMs < 0 ? null : Math.round(backend.ewmaMs * 100) / 100,
    }));
  }

  /** After a draw that is full. */
  #pickAnother(full: Backend, key: string, avoid: readonly Backend[], nowMs: number): Backend | undefined {
    const { room } = this.pool;
    if (room.isEmpty) return undefined;
    // The picker's own order goes first; a few draws find one with room, unless most are full.
    const passed = [...avoid, full];
    for (let draw = REDRAWS; draw > 0; draw--) {
      const backend = this.#picker.pick(key, nowMs, passed);
      if (!backend.isFull && !avoid.includes(backend)) return backend;
      passed.push(backend);
    }
    return room.another(avoid);
  }

  #guard(): void {
    for (const backend of this.pool.members) this.#breaker?.guard(backend);
  }

  #failed(backend: Backend, outcome: Outcome, reason: string, startMs: number): void {
    if (isFailure(outcome)) backend.failures += 1;
    // A backend that has left the pool may still have exchanges, but its health is nobody's business.
    if (outcome === Outcome.connectFailed && this.pool.members.includes(backend)) {
      this.health.unreachable(backend, reason);
    }
    this.#ejection?.observe(backend, outcome, startMs);
  }
}
