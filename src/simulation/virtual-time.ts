import type { Cancel, Clock } from "../core/clock.ts";
import { EventQueue } from "./event-queue.ts";

/** The kind of event that is a timer of `after`. */
export const TIMER = 0;

/** In place of a kind: nothing is to come. */
export const NOTHING = -1;

/** A timer, told apart from those that had its number before. */
interface Timer {
  readonly fn: () => void;
}

/**
 * Time that passes as fast as events can be gone through. To the core it is a `Clock`; the simulation itself puts
 * numbers into the same queue, because a closure for each event would be most of the work.
 *
 * Timers and events happen in the order in which they are due, with the clock standing exactly at their moment;
 * those due at one moment, in the order in which they were asked for.
 */
export class VirtualTime implements Clock {
  readonly #events: EventQueue;
  readonly #timers = new Map<number, Timer>();
  #nowMs: number;

  /**
   * @param startMs Where to begin.
   * @param mostEvents How many events and timers may be to come at once.
   */
  constructor(startMs: number, mostEvents: number) {
    this.#nowMs = startMs;
    this.#events = new EventQueue(mostEvents);
  }

  /** The core's. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** The core's. */
  after(delayMs: number, fn: () => void): Cancel {
    const timer: Timer = { fn };
    const event = this.schedule(delayMs, TIMER, 0);
    this.#timers.set(event, timer);
    return () => {
      if (this.#timers.get(event) !== timer) return;
      this.#timers.delete(event);
      this.#events.remove(event);
    };
  }

  /** Events and timers that are to come. */
  get pending(): number {
    return this.#events.size;
  }

  /**
   * Has an event happen later.
   *
   * @param kind A whole number from 1 to 255.
   * @param subject Whom it is about: a whole number below 2³¹.
   * @returns Its number, good until it happens or is called off.
   */
  schedule(delayMs: number, kind: number, subject: number): number {
    return this.#events.add(this.#nowMs + Math.max(0, delayMs), kind, subject);
  }

  /** Calls off an event that has not happened. */
  callOff(event: number): void {
    this.#events.remove(event);
  }

  /**
   * Goes on to what happens next, and runs it if it is a timer.
   *
   * @returns Its kind; `subject` says whom it is about. `NOTHING` if nothing is to come.
   */
  next(): number {
    const events = this.#events;
    if (!events.take()) return NOTHING;
    const { event, kind } = events;
    this.#nowMs = events.dueMs;
    if (kind === TIMER) {
      const timer = this.#timers.get(event);
      this.#timers.delete(event);
      timer?.fn();
    }
    return kind;
  }

  /** Whom the event that happened last is about. */
  get subject(): number {
    return this.#events.subject;
  }
}
