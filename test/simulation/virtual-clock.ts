import type { Cancel, Clock } from "../../src/core/clock.ts";

interface Timer {
  readonly dueMs: number;
  /** Settles ties: timers due at one moment run in the order in which they were set. */
  readonly order: number;
  readonly fn: () => void;
}

/**
 * Time that passes only when a test says so. Timers run in the order in which they are due, each with the
 * clock standing exactly at its moment, so a run is the same every time and takes no real time.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: Timer[] = [];
  #order = 0;

  /** @param startMs Where to begin; not at zero, where mistakes with unset moments would not show. */
  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fn: () => void): Cancel {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, fn };
    this.#order += 1;
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers that are set and have not run. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass. What timers set off runs at its moment; promises they settle react only afterwards. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let timer = this.#takeDue(untilMs); timer !== undefined; timer = this.#takeDue(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.fn();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Lets time pass, and after each timer lets promises react before the clock moves on. */
  async run(ms: number): Promise<void> {
    await settled();
    const untilMs = this.#nowMs + ms;
    for (let timer = this.#takeDue(untilMs); timer !== undefined; timer = this.#takeDue(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.fn();
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Moves time without running what falls due: a process that was stopped. Late timers run with the next call. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  #takeDue(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (first === undefined || isBefore(timer, first)) first = timer;
    }
    if (first !== undefined) this.#timers = this.#timers.filter((timer) => timer !== first);
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs !== b.dueMs ? a.dueMs < b.dueMs : a.order < b.order;
}

/**
 * Resolves when every promise that can react by itself has done so: a turn of the event loop comes only
 * after the queue of promise reactions is empty.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
