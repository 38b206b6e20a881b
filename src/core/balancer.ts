import type { Backend, BackendSpec, StateName } from "./backend.ts";
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

/** Everything the decisions depend on. */
export interface BalancerConfig extends PickingRules {
  readonly backends: readonly BackendSpec[];
  /** Its name, or what makes one of the user's own. */
  readonly algorithm: Algorithm | PickerFactory;
  readonly health: HealthRules;
  readonly retry: RetryRules;
  /** When live traffic ejects a backend. Default: only when it refuses connections. */
  readonly outlierDetection?: EjectionRules | false;
}

/** One backend as the status shows it. */
export interface BackendStatus {
  /** The backend's origin. */
  readonly url: string;
  /** True if it is given requests. */
  readonly alive: boolean;
  /** `unchecked`, `up`, `down` or `ejected`. */
  readonly state: StateName;
  readonly weight: number;
  readonly tier: number;
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
    this.pool = new Pool(config.backends, this.#picker);
    const changed = (change: StateChange) => {
      this.pool.refresh();
      onChange(change);
    };
    const { outlierDetection } = config;
    if (outlierDetection !== undefined && outlierDetection !== false) {
      this.#ejection = new Ejection(outlierDetection, clock, () => this.pool.members, changed);
    }
    this.health = new Health(config.health, clock, changed, (backend, reason) => {
      this.#ejection?.passed(backend, reason);
    });
  }

  /** What of a request `pick` wants as its key. Undefined if it looks at none, and "" will do. */
  get keySource(): KeySource | undefined {
    return this.#picker.keySource;
  }

  /**
   * Chooses a backend; undefined if none is available.
   *
   * @param key The client's or resource's key, as `keySource` says; empty if there is none.
   * @param avoid Backends already tried for this request: another is chosen while there is one.
   * @param nowMs The clock's time.
   */
  pick(key: string, avoid: readonly Backend[] | undefined, nowMs: number): Backend | undefined {
    return this.pool.ready.length === 0 ? undefined : this.#picker.pick(key, nowMs, avoid ?? NONE);
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

  /** Begins an exchange. */
  begin(backend: Backend): void {
    this.#inFlight += 1;
    backend.inFlight += 1;
    backend.requests += 1;
    this.#picker.begun?.(backend);
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
    if (outcome !== Outcome.ok) this.#failed(backend, outcome, reason);
    this.#ejection?.observe(backend, outcome, startMs);
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
    }
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
      inFlight: backend.inFlight,
      requests: backend.requests,
      failures: backend.failures,
      ejections: backend.ejections,
      latencyMs: backend.ewmaMs < 0 ? null : Math.round(backend.ewmaMs * 100) / 100,
    }));
  }

  #failed(backend: Backend, outcome: Outcome, reason: string): void {
    if (isFailure(outcome)) backend.failures += 1;
    // A backend that has left the pool may still have exchanges, but its health is nobody's business.
    if (outcome === Outcome.connectFailed && this.pool.members.includes(backend)) {
      this.health.unreachable(backend, reason);
    }
  }
}

const NONE: readonly Backend[] = [];
