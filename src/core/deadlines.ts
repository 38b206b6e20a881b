import type { Cancel, Clock } from "./clock.ts";

/**
 * Something that wants to be woken at a coarse moment. The links and the slot belong to the wheel: a
 * deadline is its own list node, so that setting and clearing one allocates nothing.
 */
export abstract class Deadline {
  /** @internal */ previous: Deadline | undefined = undefined;
  /** @internal */ next: Deadline | undefined = undefined;
  /** @internal The tick it is due at; `NOT_SET`, or `DUE` once that has come and `expire` was not called yet. */
  dueTick = NOT_SET;

  /** Called once when the moment has come. May set and clear any deadline, itself among them. */
  abstract expire(): void;
}

const NOT_SET = -1;
const DUE = -2;

/** How coarse a balancer's time-outs are, in milliseconds. */
export const TICK_MS = 50;

const SLOTS = 512;

/**
 * One coarse timer for any number of deadlines: a hashed timing wheel (Varghese and Lauck, "Hashed and
 * Hierarchical Timing Wheels", SOSP 1987, scheme 6). Setting and clearing are O(1) and touch no timer of
 * the runtime; one timer ticks while anything is set, and none while nothing is.
 *
 * A deadline expires no earlier than asked, and at most two ticks later.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #slots: (Deadline | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #onTick = () => this.#tick();
  #cancelTimer: Cancel | undefined;
  /** Those whose moment has come, while they are told one after another. */
  #due: Deadline | undefined;
  #currentTick = 0;
  #size = 0;

  /** @param tickMs How coarse it is, in milliseconds. */
  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  /** The time as of the last tick while anything is set, in the clock's milliseconds: coarse, and free. */
  get coarseMs(): number {
    return this.#currentTick * this.#tickMs;
  }

  /** How many deadlines are set. */
  get size(): number {
    return this.#size;
  }

  /**
   * Sets a deadline `delayMs` from now; one that was set already is moved.
   *
   * @param nowMs The clock's time, from those who have just read it. Not the last tick's: a busy process may
   *   be many ticks late.
   */
  set(deadline: Deadline, delayMs: number, nowMs = this.#clock.nowMs()): void {
    if (deadline.dueTick !== NOT_SET) this.clear(deadline);
    if (this.#size === 0 && this.#cancelTimer === undefined) {
      this.#currentTick = Math.floor(nowMs / this.#tickMs);
      this.#cancelTimer = this.#clock.after(this.#tickMs, this.#onTick);
    }
    const dueTick = this.#tickAfter(nowMs + delayMs);
    const slot = dueTick % SLOTS;
    const head = this.#slots[slot];
    deadline.dueTick = dueTick;
    deadline.next = head;
    if (head !== undefined) head.previous = deadline;
    this.#slots[slot] = deadline;
    this.#size += 1;
  }

  /** The same, but one that is set for an earlier moment stays as it is. */
  hasten(deadline: Deadline, delayMs: number, nowMs: number): void {
    if (deadline.dueTick < 0 || deadline.dueTick > this.#tickAfter(nowMs + delayMs)) {
      this.set(deadline, delayMs, nowMs);
    }
  }

  /** Calls a deadline off; does nothing if it is not set. */
  clear(deadline: Deadline): void {
    const { dueTick, previous, next } = deadline;
    if (dueTick === NOT_SET) return;
    if (previous !== undefined) previous.next = next;
    else if (dueTick === DUE) this.#due = next;
    else this.#slots[dueTick % SLOTS] = next;
    if (next !== undefined) next.previous = previous;
    deadline.previous = undefined;
    deadline.next = undefined;
    deadline.dueTick = NOT_SET;
    if (dueTick !== DUE) this.#size -= 1;
  }

  /** The first tick that begins after a moment: the one in which it lies would come too early. */
  #tickAfter(ms: number): number {
    return Math.floor(ms / this.#tickMs) + 1;
  }

  #tick(): void {
    this.#cancelTimer = undefined;
    const now = Math.floor(this.#clock.nowMs() / this.#tickMs);
    // A process that slept (SIGSTOP, suspend) catches up in one turn of the wheel at most.
    const first = Math.max(this.#currentTick + 1, now - SLOTS + 1);
    this.#currentTick = now;
    for (let tick = first; tick <= now; tick++) this.#expireSlot(tick % SLOTS, now);
    // The only one may have expired and have set itself again: then the timer is set already.
    if (this.#size > 0) this.#cancelTimer ??= this.#clock.after(this.#tickMs, this.#onTick);
  }

  #expireSlot(slot: number, now: number): void {
    for (let deadline = this.#slots[slot]; deadline !== undefined; ) {
      const next = deadline.next;
      if (deadline.dueTick <= now) {
        this.clear(deadline);
        this.#markDue(deadline);
      }
      deadline = next;
    }
    // Whoever is told may call off those that come after.
    for (let deadline = this.#due; deadline !== undefined; deadline = this.#due) {
      this.clear(deadline);
      deadline.expire();
    }
  }

  #markDue(deadline: Deadline): void {
    deadline.dueTick = DUE;
    deadline.next = this.#due;
    if (this.#due !== undefined) this.#due.previous = deadline;
    this.#due = deadline;
  }
}
