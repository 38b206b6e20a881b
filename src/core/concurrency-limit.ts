import type { Cancel, Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** How a backend's limit on requests under way follows its latency. */
export interface ConcurrencyRules {
  /** The least that it may fall to. */
  readonly minLimit: number;
  /** The most that it may rise to. */
  readonly maxLimit: number;
  /** What it begins with. */
  readonly initialLimit: number;
  /** How many times as long as with little to do a backend may take before its limit falls. */
  readonly tolerance: number;
  /** How much of the way to where the last answers want the limit it goes at once: above 0, up to 1. */
  readonly smoothing: number;
  /** How long it is believed how long answers take with little to do, in milliseconds, give or take 10 %. */
  readonly baselineMs: number;
}

/** Answers are looked at together for at least so long, in milliseconds (Envoy, `concurrency_update_interval`). */
const WINDOW_MS = 100;
/** And for at least so many (Envoy, `request_count`): one slow one among them is no news. */
const WINDOW_SAMPLES = 50;
/** What is below is this side's own doing as likely as the backend's, in milliseconds. */
const LEAST_MS = 1;
/** However long answers take, the limit is not aimed at less than half (Gradient2). */
const LEAST_GRADIENT = 0.5;
/** When so much of the limit is left, what it went by may have been a queue, or the server be another one now. */
const FALLEN = 0.7;
/** For so many times as long as it should take it is waited for answers with little to do; and at least so long, in milliseconds. */
const PATIENCE = 4;
const LEAST_PATIENCE_MS = 1_000;
/** What is left of the limit after a request that the backend did not manage (AIMD, `backoffRatio`). */
const AFTER_DROP = 0.9;

/**
 * A limit on the requests under way at one backend that finds out by itself how many it can do at once.
 *
 * What a server has no worker for waits in it, and that shows in the time it takes. So that time is compared with
 * the baseline, which is how long the same server takes with little to do: from one window of answers to the next,
 * `limit` goes a part of the way to `limit × gradient + √limit`, where `gradient = tolerance × baseline / latency`,
 * from ½ to 1. While answers are as quick as with little to do it rises by the root; where they get slower it settles at
 * a short queue. This is Netflix's `Gradient2Limit`, and so is that a limit is left alone that is not half used: it says
 * nothing, and must not grow by standing idle. Time-outs, and answers of 502, 503 and 504, take off a tenth (`AIMDLimit`).
 *
 * Otherwise than there:
 *
 * - The baseline is no moving average. Under an overload that lasts, that becomes the latency of the overload, and the
 *   limit rises to its maximum. As in Envoy's gradient controller (`minRTT`) it is measured, with little under way. But
 *   where Envoy lets the concurrency fall to 3, a share of the limit is enough here: with `limit / (2 × tolerance)` under
 *   way no queue that the limit allows is left, and the server still does about half of its work. While no more than
 *   that is asked for anyway, each window is such a measurement, and none has to be made. One is made early when the limit
 *   has fallen by a third: there may have been a queue in the last one, or answers be slow whatever their number.
 * - What is averaged is the logarithm, since it is a ratio that is wanted. One answer in fifty that takes a hundred
 *   times as long raises the mean to the threefold, and this by a tenth; and unlike a median it does not jump where half
 *   of the answers are of one kind and half of another.
 * - Only answers to requests count that began in the window, and a window has as many as may be under way at least: what
 *   began before met another limit. By the same rule requests that began before the last cut do not cut again (RFC 6582
 *   does so for losses), or a burst of time-outs would leave nothing.
 *
 * The time is that to an answer's head: how long its body takes is as much the client's doing.
 */
export class ConcurrencyLimit {
  readonly #rules: ConcurrencyRules;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: () => void;
  readonly #logTolerance: number;
  /** What the limit is, but for measuring; not rounded. */
  #estimate: number;
  #limit: number;
  /** The logarithm of the milliseconds that answers take with little to do; NaN before the first window. */
  #baseline = Number.NaN;
  /** With no more than this under way, answers count as ones with little to do. */
  #littleToDo: number;
  #measureAtMs = Number.NEGATIVE_INFINITY;
  /** Ends a measuring that comes to nothing; undefined while there is none. */
  #cancelMeasuring: Cancel | undefined;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #samples = 0;
  #sum = 0;
  #mostInFlight = 0;
  #cutAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param random What spreads the moments of measuring, so that backends are not measured all at once.
   * @param onChange Told whenever `limit` has changed.
   */
  constructor(rules: ConcurrencyRules, clock: Clock, random: Random, onChange: () => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
    this.#logTolerance = Math.log(rules.tolerance);
    this.#estimate = rules.initialLimit;
    this.#limit = rules.initialLimit;
    this.#littleToDo = this.#share;
  }

  /** The most exchanges under way at once: a whole number. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Takes in how long the head of an answer took; or, without one, how long it was waited for at least.
   *
   * @param inFlight Exchanges under way, with this one.
   * @param startMs When its request began, in the clock's milliseconds.
   */
  observe(latencyMs: number, inFlight: number, startMs: number, nowMs: number): void {
    if (this.#windowStartMs === Number.NEGATIVE_INFINITY) this.#windowStartMs = startMs;
    if (startMs < this.#windowStartMs) return;
    this.#samples += 1;
    this.#sum += Math.log(Math.max(latencyMs, LEAST_MS));
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    if (this.#samples < WINDOW_SAMPLES || this.#samples < this.#limit) return;
    if (nowMs - this.#windowStartMs >= WINDOW_MS) this.#turn(nowMs);
  }

  /**
   * A request was not managed: no answer in time, or one that says so.
   *
   * @param inFlight Exchanges under way, with this one.
   * @param startMs When it began, in the clock's milliseconds.
   */
  dropped(inFlight: number, startMs: number, nowMs: number): void {
    if (startMs < this.#cutAtMs || !this.#isUsed(inFlight)) return;
    this.#cutAtMs = nowMs;
    this.#estimate = Math.max(this.#rules.minLimit, this.#estimate * AFTER_DROP);
    this.#settle();
  }

  /** Ends what is pending; to be called when the backend leaves its pool. */
  forget(): void {
    this.#cancelMeasuring?.();
    this.#cancelMeasuring = undefined;
  }

  /** A window is over. */
  #turn(nowMs: number): void {
    const latency = this.#sum / this.#samples;
    const mostInFlight = this.#mostInFlight;
    this.#windowStartMs = nowMs;
    this.#samples = 0;
    this.#sum = 0;
    this.#mostInFlight = 0;
    const wasMeasuring = this.#cancelMeasuring !== undefined;
    const hadLittleToDo = wasMeasuring || mostInFlight <= this.#littleToDo;
    this.forget();
    if (hadLittleToDo) this.#measured(latency, nowMs);
    // Until something better is known. Much quicker than ever is as good as measured: the server is another one now.
    else if (!(latency >= this.#baseline - this.#logTolerance)) this.#baseline = latency;
    if (!wasMeasuring && this.#isUsed(mostInFlight)) this.#follow(latency);
    const isDue = nowMs >= this.#measureAtMs || this.#share < this.#littleToDo * FALLEN;
    if (!hadLittleToDo && isDue) this.#measure(latency);
    this.#settle();
  }

  /**
   * Gives the backend little to do. It may have its fill of answers that go on and on, so that it gets nothing: then
   * this is over after a time, and nothing is known that was not before.
   *
   * @param latency The logarithm of what answers take now.
   */
  #measure(latency: number): void {
    this.#littleToDo = this.#share;
    const rounds = Math.ceil(WINDOW_SAMPLES / this.#littleToDo);
    const shouldTakeMs = Math.max(LEAST_PATIENCE_MS, PATIENCE * rounds * Math.exp(latency));
    const atMostMs = Math.min(shouldTakeMs, this.#rules.baselineMs / 2);
    this.#cancelMeasuring = this.#clock.after(atMostMs, () => {
      this.#cancelMeasuring = undefined;
      this.#measureNextAfter(this.#clock.nowMs());
      this.#settle();
    });
  }

  #measured(latency: number, nowMs: number): void {
    this.#baseline = latency;
    this.#littleToDo = this.#share;
    this.#measureNextAfter(nowMs);
  }

  #measureNextAfter(nowMs: number): void {
    this.#measureAtMs = nowMs + this.#rules.baselineMs * (0.9 + this.#random.below(2001) / 10_000);
  }

  #follow(latency: number): void {
    const { smoothing, minLimit, maxLimit } = this.#rules;
    const ratio = Math.exp(this.#baseline + this.#logTolerance - latency);
    const gradient = Math.max(LEAST_GRADIENT, Math.min(1, ratio));
    const aim = this.#estimate * gradient + Math.sqrt(this.#estimate);
    const next = this.#estimate + (aim - this.#estimate) * smoothing;
    this.#estimate = Math.max(minLimit, Math.min(maxLimit, next));
    this.#littleToDo = Math.max(this.#littleToDo, this.#share);
  }

  #settle(): void {
    const isMeasuring = this.#cancelMeasuring !== undefined;
    const wanted = isMeasuring ? Math.min(this.#estimate, this.#littleToDo) : this.#estimate;
    const limit = Math.floor(Math.max(this.#rules.minLimit, wanted));
    if (limit === this.#limit) return;
    this.#limit = limit;
    this.#onChange();
  }

  /** The share of the limit that leaves no queue. */
  get #share(): number {
    return this.#estimate / (2 * this.#rules.tolerance);
  }

  #isUsed(inFlight: number): boolean {
    return inFlight * 2 >= this.#limit;
  }
}
