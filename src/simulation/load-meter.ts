/** How much one backend was given to do. */
export class LoadMeter {
  #requests = 0;
  #inFlight = 0;
  /** Requests under way, added up over time: the area below their curve, in request-milliseconds. */
  #area = 0;
  #changedMs = 0;

  /** A request was sent to it. */
  begin(nowMs: number): void {
    this.#pass(nowMs);
    this.#requests += 1;
    this.#inFlight += 1;
  }

  /** One is over, however it ended. */
  end(nowMs: number): void {
    this.#pass(nowMs);
    this.#inFlight -= 1;
  }

  /** Requests sent to it so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests were under way, on average over the time from `sinceMs`, when it had none, to `nowMs`. */
  meanInFlight(sinceMs: number, nowMs: number): number {
    this.#pass(nowMs);
    return nowMs > sinceMs ? this.#area / (nowMs - sinceMs) : 0;
  }

  #pass(nowMs: number): void {
    this.#area += this.#inFlight * (nowMs - this.#changedMs);
    this.#changedMs = nowMs;
  }
}

/** How much more the busiest has than it would if all had the same: the greatest over the mean; 1 is fair. */
export function imbalanceOf(loads: readonly number[]): number {
  const total = loads.reduce((sum, load) => sum + load, 0);
  return total === 0 ? 1 : (Math.max(...loads) * loads.length) / total;
}
