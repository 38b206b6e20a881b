import type { Clock } from "../core/clock.ts";

/**
 * Does something soon after it is asked to, but only every so often, however often it is asked: a message
 * about counters that change a thousand times a second. While nobody asks, no timer runs.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #soonMs: number;
  readonly #leastMs: number;
  readonly #act: () => void;
  #isSet = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  /**
   * @param soonMs The wait after a quiet time, in milliseconds, so that what happens together is told together.
   * @param leastMs The least time from one act to the next, in milliseconds.
   */
  constructor(clock: Clock, soonMs: number, leastMs: number, act: () => void) {
    this.#clock = clock;
    this.#soonMs = soonMs;
    this.#leastMs = leastMs;
    this.#act = act;
  }

  /** Asks for it. */
  ask(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    const waitedMs = this.#clock.nowMs() - this.#lastMs;
    this.#clock.after(Math.max(this.#soonMs, this.#leastMs - waitedMs), () => {
      this.#isSet = false;
      this.#lastMs = this.#clock.nowMs();
      this.#act();
    });
  }
}
