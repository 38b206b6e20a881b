import { type Backend, type BackendSpec, Exclusion } from "./backend.ts";
import { type BackendStatus, statusOf } from "./backend-status.ts";
import type { BalancerConfig } from "./balancer-config.ts";
import { Capacity } from "./capacity.ts";
import type { Clock } from "./clock.ts";
import { Ejection } from "./ejection.ts";
import { Health, type StateChange, stateChange } from "./health.ts";
import { observeLatency, observeSilence } from "./load.ts";
import { isDrop, isFailure, Outcome } from "./outcome.ts";
import { type PanicChange, PanicWatch } from "./panic.ts";
import type { PickerFault } from "./picking/guarded.ts";
import { pickersOf } from "./picking/index.ts";
import type { KeySource, Picker } from "./picking/picker.ts";
import { Pool } from "./pool.ts";
import type { Random } from "./random.ts";
import { Retries } from "./retries.ts";
import { SlowStart } from "./slow-start.ts";
import type { Stickiness } from "./sticky.ts";
import type { Waiting } from "./waiting.ts";

/** Who is told of what happens beside changes of availability. */
export interface BalancerEvents {
  /** Told once when panic begins, and when it ends. Default: nobody. */
  readonly onPanic?: ((change: PanicChange) => void) | undefined;
  /** Told once if a picker of the user's own does what it must not. Default: nobody. */
  readonly onPickerFault?: PickerFault | undefined;
}

/**
 * The decisions of one pool behind one door: which backend, may it be tried again, and what was learned.
 *
 * `begin` and `end` pair exactly: an exchange that begins ends once, also when it is aborted. Only the
 * balancer reads the clock on the way of a request; what it is made of is handed the time. A request that
 * succeeds at once costs two readings: when it is admitted, and when it is answered; a third with a breaker.
 */
export class Balancer {
  readonly pool: Pool;
  readonly health: Health;
  /** What keeps sessions at their backends. Undefined if nothing does. */
  stickiness: Stickiness | undefined;
  /** Which requests may be tried again, and how long they wait for it. */
  readonly retries: Retries;
  #ejection: Ejection | undefined;
  #slowStart: SlowStart | undefined;
  readonly #capacity: Capacity;
  /** Whether the pickers are to be told of exchanges. */
  #isListening: boolean;
  /** Whether every exchange that goes well is to be counted. */
  #compares = false;
  #config: BalancerConfig;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: (change: StateChange) => void;
  readonly #panic: PanicWatch;
  readonly #onPickerFault: PickerFault;
  #inFlight = 0;

  /**
   * @param onChange Told once of each change of a backend's availability.
   * @param others Told of other things. Default: nobody is.
   */
  constructor(
    config: BalancerConfig,
    clock: Clock,
    random: Random,
    onChange: (change: StateChange) => void,
    { onPanic = () => {}, onPickerFault = () => {} }: BalancerEvents = {},
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#random = random;
    this.retries = new Retries(config.retry, clock, random);
    this.#onChange = onChange;
    this.#onPickerFault = onPickerFault;
    this.#takeUp(config);
    this.pool = new Pool(config.backends, this.#pickersOf(config), config, this.#slowStart);
    this.#panic = new PanicWatch(this.pool, onPanic);
    this.stickiness = config.stickiness;
    this.stickiness?.rebuild(this.pool.members, clock.nowMs());
    this.#isListening = this.pool.isListening;
    const changed = (change: StateChange) => this.#changed(change);
    this.#watchOutliers(config);
    this.#capacity = new Capacity(config, this.pool, clock, random, changed);
    this.health = new Health(config.health, clock, changed, (backend, reason) => {
      this.#ejection?.passed(backend, reason);
    });
  }

  /**
   * Goes by another config from now on. What is known of the backends that stay, and the exchanges under way, stay as
   * they are; so do whose turn it is, unless the algorithm is another one, and those that wait.
   */
  reconfigure(config: BalancerConfig): void {
    const before = this.#config;
    this.#config = config;
    const isSame =
      config.algorithm === before.algorithm && config.hashBalanceFactor === before.hashBalanceFactor;
    this.#takeUp(config);
    this.pool.reconfigure(isSame ? undefined : this.#pickersOf(config), config, this.#slowStart);
    this.retries.reconfigure(config.retry);
    this.health.reconfigure(config.health);
    this.#watchOutliers(config);
    this.stickiness = config.stickiness;
    this.setBackends(config.backends);
    this.#isListening = this.pool.isListening;
    this.#capacity.reconfigure(config);
    // What kept some out, or full, may be no more.
    this.#refresh();
  }

  /** What of a request `pick` wants as its key. Undefined if it looks at none, and "" will do. */
  get keySource(): KeySource | undefined {
    return this.pool.keySource;
  }

  /**
   * Chooses a backend; undefined if none is available, or all that are have as many exchanges as they may.
   *
   * @param key The client's or resource's key, as `keySource` says; empty if there is none.
   * @param avoid Backends already tried for this request: another is chosen while there is one.
   * @param nowMs The clock's time.
   */
  pick(key: string, avoid: readonly Backend[] | undefined, nowMs: number): Backend | undefined {
    return this.pool.pick(key, avoid, nowMs);
  }

  /** Counts a client's request, once, however many tries it takes, and returns when, in the clock's milliseconds. */
  admit(): number {
    const nowMs = this.#clock.nowMs();
    this.retries.admit(nowMs);
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
    if (this.#isListening) this.pool.begun(backend);
    if (this.#capacity.isLimiting) this.#capacity.begun(backend, startMs);
  }

  /** The head of an answer came: the backend's latency is known. */
  answered(backend: Backend, startMs: number): void {
    const nowMs = this.#clock.nowMs();
    observeLatency(backend, nowMs - startMs, nowMs);
    backend.concurrency?.observe(nowMs - startMs, backend.inFlight, startMs, nowMs);
    this.retries.hedgeDelay?.answered(nowMs - startMs, nowMs);
  }

  /** No head came in time: the backend's latency is at least what was waited. To be told before `end`. */
  unanswered(backend: Backend, startMs: number): void {
    const nowMs = this.#clock.nowMs();
    observeSilence(backend, nowMs - startMs, nowMs);
    backend.concurrency?.observe(nowMs - startMs, backend.inFlight, startMs, nowMs);
    this.retries.hedgeDelay?.unanswered(nowMs - startMs, nowMs);
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
    if (this.#isListening) this.pool.ended(backend);
    if (outcome !== Outcome.ok) this.#failed(backend, outcome, reason, startMs);
    else if (backend.failureStreak > 0 || this.#compares) this.#ejection?.observe(backend, outcome, startMs);
    if (this.#capacity.isLimiting) this.#capacity.ended(backend, outcome, startMs);
  }

  /** Whether a request may be tried again: as `Retries.mayRetry`. */
  mayRetry(...said: Parameters<Retries["mayRetry"]>): boolean {
    return this.retries.mayRetry(...said);
  }

  /** Changes the membership; backends that stay keep their state. */
  setBackends(specs: readonly BackendSpec[]): void {
    const before = new Map(
      this.pool.members.map((backend) => [backend, backend.isExcluded(Exclusion.draining)]),
    );
    this.pool.set(specs);
    this.stickiness?.rebuild(this.pool.members, this.#clock.nowMs());
    for (const backend of this.pool.members) {
      const isDraining = backend.isExcluded(Exclusion.draining);
      const wasDraining = before.get(backend) ?? isDraining;
      before.delete(backend);
      if (isDraining === wasDraining) continue;
      const reason = isDraining ? `drained, ${backend.inFlight} under way` : "drained no more";
      this.#onChange(stateChange(backend, false, reason));
    }
    for (const gone of before.keys()) {
      this.health.forget(gone);
      this.#ejection?.forget(gone);
      this.#capacity.forget(gone);
    }
    this.#capacity.guard();
    this.#panic.look();
    this.waiting?.changed();
  }

  /** Exchanges under way on all backends, those that left the pool among them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The same with the requests that are on no backend: between two tries, or waiting for room. */
  get underWay(): number {
    return this.#inFlight + this.retries.waiting + (this.waiting?.size ?? 0);
  }

  /** The requests that wait for room at a backend. Undefined if none ever does. */
  get waiting(): Waiting | undefined {
    return this.#capacity.waiting;
  }

  /** Whether room is being given to those who wait: whoever comes now is to wait behind them. */
  get isHandingOver(): boolean {
    return this.#capacity.isHandingOver;
  }

  /** Whether requests go to backends that are out as well, since too few are left (see `splitTraffic`). */
  get isPanicking(): boolean {
    return this.pool.isPanicking;
  }

  /** All backends, in the order given. */
  status(): BackendStatus[] {
    return this.pool.members.map(statusOf);
  }

  #changed(change: StateChange): void {
    this.pool.refresh();
    this.#onChange(change);
    this.#panic.look();
    this.waiting?.changed();
  }

  #refresh(): void {
    this.pool.refresh();
    this.#panic.look();
    this.waiting?.changed();
  }

  #pickersOf(config: BalancerConfig): () => Picker {
    return pickersOf(config.algorithm, config, this.#random, this.#onPickerFault);
  }

  #takeUp({ slowStart }: BalancerConfig): void {
    if (!slowStart) this.#slowStart = undefined;
    else if (this.#slowStart !== undefined) this.#slowStart.reconfigure(slowStart);
    else this.#slowStart = new SlowStart(slowStart, this.#clock, () => this.#refresh());
  }

  #watchOutliers({ outlierDetection }: BalancerConfig): void {
    if (!outlierDetection) {
      this.#ejection?.close("no outliers are looked for any more");
      this.#ejection = undefined;
    } else if (this.#ejection !== undefined) {
      this.#ejection.reconfigure(outlierDetection);
    } else {
      const members = () => this.pool.members;
      this.#ejection = new Ejection(outlierDetection, this.#clock, members, (change) =>
        this.#changed(change),
      );
    }
    this.#compares = this.#ejection?.compares === true;
  }

  #failed(backend: Backend, outcome: Outcome, reason: string, startMs: number): void {
    if (isFailure(outcome)) backend.failures += 1;
    else if (outcome === Outcome.cancelled) backend.cancelled += 1;
    // A backend that has left the pool may still have exchanges, but its health is nobody's business.
    if (outcome === Outcome.connectFailed && this.pool.members.includes(backend)) {
      this.health.unreachable(backend, reason);
    }
    this.#ejection?.observe(backend, outcome, startMs);
    if (backend.concurrency !== undefined && isDrop(outcome)) {
      backend.concurrency.dropped(backend.inFlight + 1, startMs, this.#clock.nowMs());
    }
  }
}
