import type { Backend } from "./backend.ts";
import type { Clock } from "./clock.ts";
import { Deadline, DeadlineWheel, TICK_MS } from "./deadlines.ts";
import type { Pool } from "./pool.ts";
import { Place, Queue } from "./queue.ts";

/** How many requests may wait for room at a backend, and for how long. */
export interface QueueRules {
  /** The most that wait at once: at least 1. */
  readonly maxWaiting: number;
  /** The longest that one waits, in milliseconds; 0 is for as long as the request may take. */
  readonly timeoutMs: number;
}

/**
 * Why a request goes to no backend: none is available; all that are have as many as they may, and no more requests
 * may wait; it has waited for as long as one may; or it has no time left.
 */
export type Refusal = "no-backend" | "queue-full" | "queue-timeout" | "request-timeout";

/** A request that may have to wait. */
export interface Waiter {
  /** The one backend that it waits for. Undefined if any will do. */
  wanted(nowMs: number): Backend | undefined;
  /** Where it goes, now that there is room; undefined if it may go nowhere that has some. */
  choose(nowMs: number): Backend | undefined;
  /** It is its turn: an exchange has to begin at this backend before it returns, since the room is there for that. */
  granted(backend: Backend): void;
  /** It will have none. */
  refused(why: Refusal): void;
}

/** A request's turn, while it waits for it. Serves again for the next wait. */
export class Turn extends Deadline {
  /** @internal */ readonly waiter: Waiter;
  /** @internal Among all that wait. */ readonly inAll = new Place<Turn>(this);
  /** @internal Among those that wait for the same. */ readonly inLine = new Place<Turn>(this);
  /** @internal What it waits for; undefined for any backend. */ backend: Backend | undefined = undefined;
  /** @internal When the request has no time left. */ endsAtMs = 0;
  readonly #waiting: Waiting;

  constructor(waiting: Waiting, waiter: Waiter) {
    super();
    this.#waiting = waiting;
    this.waiter = waiter;
  }

  /** The wheel's call. */
  override expire(): void {
    this.#waiting.expired(this);
  }
}

/**
 * The requests of a pool that wait for room at a backend, as they do in HAProxy (`maxconn`, `maxqueue`, `timeout
 * queue`): by rank, and within one by arrival. Whatever frees room says so here, and it is given away before anybody
 * else can ask for it. So while one waits that could go, there is no room, and a newcomer overtakes nobody without
 * having to look; and where nothing is limited there is nothing of this on a request's way.
 *
 * **When the queue is full, a more urgent request takes the place of the least urgent one**, of several the one that
 * came last, which is refused. In HAProxy a queue that is full refuses whoever comes. But a queue is full under
 * overload, which is when priorities matter: a flood of what is least urgent would shut out all else, and priorities
 * would hold only while they are not needed. Whoever loses its place would have had its turn last, and has waited
 * the least. What is never urgent may starve, for as long as one may wait.
 *
 * **A request that can only go to one backend waits for that one**: for its session's, as in HAProxy, since what the
 * session has left there is nowhere else, and a backend is full for a moment only. When it has waited for as long as
 * one may, it goes elsewhere if there is room: a session that has to begin anew is better than none. HAProxy answers
 * 503 then; its `option redispatch` is for servers that are down, where sessions move here too, at once.
 */
export class Waiting {
  #rules: QueueRules;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #all = new Queue<Turn>();
  readonly #anywhere = new Queue<Turn>();
  /** Those that wait for one; no queue in it is empty. */
  readonly #byBackend = new Map<Backend, Queue<Turn>>();
  #order = 0;
  #isServing = false;
  /** Whether something has changed while room was given away. */
  #isAgain = false;

  constructor(rules: QueueRules, pool: Pool, clock: Clock) {
    this.#rules = rules;
    this.#pool = pool;
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock, TICK_MS);
  }

  /** Goes by other rules from now on, for those who come; who waits already stays where it is. */
  reconfigure(rules: QueueRules): void {
    this.#rules = rules;
  }

  /** How many wait. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether room is being given away: those who come meanwhile have to wait, though there may be some. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Whether a request of this rank may wait. */
  mayJoin(rank: number): boolean {
    const { size, last } = this.#all;
    return size < this.#rules.maxWaiting || (last !== undefined && last.rank > rank);
  }

  /**
   * Waits for room, if it may: then it is `granted` or `refused` in the end, unless it leaves.
   *
   * @param turn One that does not wait.
   * @param rank As `rankOf` gives it.
   * @param nowMs The clock's time.
   * @param endsAtMs When the request has no time left, in the clock's milliseconds; infinite for never.
   */
  join(turn: Turn, rank: number, nowMs: number, endsAtMs: number): boolean {
    if (!this.mayJoin(rank)) return false;
    const { maxWaiting, timeoutMs } = this.#rules;
    const displaced = this.#all.size >= maxWaiting ? this.#all.last?.owner : undefined;
    if (displaced !== undefined) this.leave(displaced);
    this.#order += 1;
    turn.endsAtMs = endsAtMs;
    this.#all.add(turn.inAll, rank, this.#order);
    this.#lineUp(turn, nowMs);
    const leftMs = Math.min(endsAtMs - nowMs, timeoutMs === 0 ? FOR_EVER : timeoutMs);
    if (leftMs !== FOR_EVER) this.#wheel.set(turn, leftMs, nowMs);
    // There may be room for it, for all that it knows.
    if (this.#isServing) this.#isAgain = true;
    displaced?.waiter.refused("queue-full");
    return true;
  }

  /** Waits no more, and is told nothing. False, and nothing happens, if it did not wait. */
  leave(turn: Turn): boolean {
    if (turn.inAll.queue === undefined) return false;
    this.#all.remove(turn.inAll);
    this.#stepOut(turn);
    this.#wheel.clear(turn);
    return true;
  }

  /** A backend has ended an exchange, and may have room. */
  freed(backend: Backend): void {
    if (this.#all.size > 0 && !backend.isFull) this.#serve(backend);
  }

  /** What may take requests has changed: backends, their availability, or how many requests they may have. */
  changed(): void {
    if (this.#all.size > 0) this.#serve(undefined);
  }

  /** @internal The turn's: it has waited for too long. */
  expired(turn: Turn): void {
    const nowMs = this.#clock.nowMs();
    const isOver = nowMs >= turn.endsAtMs;
    const isChoosy = turn.backend !== undefined;
    if (!this.leave(turn)) return;
    const elsewhere = isChoosy && !isOver ? turn.waiter.choose(nowMs) : undefined;
    if (elsewhere !== undefined) turn.waiter.granted(elsewhere);
    else turn.waiter.refused(isOver ? "request-timeout" : "queue-timeout");
  }

  /** Gives away the room at a backend, or all there is. Whoever gets some may end at once, and come back here. */
  #serve(backend: Backend | undefined): void {
    if (this.#isServing) {
      this.#isAgain = true;
      return;
    }
    this.#isServing = true;
    try {
      const nowMs = this.#clock.nowMs();
      if (backend === undefined) this.#review(nowMs);
      else this.#fill(backend, nowMs);
      while (this.#isAgain) {
        this.#isAgain = false;
        this.#review(nowMs);
      }
    } finally {
      this.#isServing = false;
    }
  }

  #fill(backend: Backend, nowMs: number): void {
    while (!backend.isFull) {
      const own = this.#byBackend.get(backend)?.first;
      const next = sooner(own, backend.isReady ? this.#anywhere.first : undefined);
      if (next === undefined) return;
      this.#grant(next.owner, nowMs);
    }
  }

  #review(nowMs: number): void {
    if (this.#byBackend.size > 0) this.#lineUpAnew(nowMs);
    if (this.#pool.ready.length === 0) this.#refuseAll();
    for (;;) {
      let next = this.#pool.room.isEmpty ? undefined : this.#anywhere.first;
      for (const [backend, queue] of this.#byBackend) {
        if (!backend.isFull) next = sooner(next, queue.first);
      }
      if (next === undefined) return;
      this.#grant(next.owner, nowMs);
    }
  }

  #grant(turn: Turn, nowMs: number): void {
    const { waiter } = turn;
    const backend = turn.backend ?? waiter.choose(nowMs);
    this.leave(turn);
    if (backend === undefined) waiter.refused("no-backend");
    else waiter.granted(backend);
  }

  /** Nobody is there to wait for, unless for a backend that gets nothing new and keeps its sessions. */
  #refuseAll(): void {
    for (let next = this.#anywhere.first; next !== undefined; next = this.#anywhere.first) {
      this.leave(next.owner);
      next.owner.waiter.refused("no-backend");
    }
  }

  #lineUp(turn: Turn, nowMs: number): void {
    const { rank, order } = turn.inAll;
    turn.backend = turn.waiter.wanted(nowMs);
    let queue = turn.backend === undefined ? this.#anywhere : this.#byBackend.get(turn.backend);
    if (queue === undefined) {
      queue = new Queue();
      this.#byBackend.set(turn.backend as Backend, queue);
    }
    queue.add(turn.inLine, rank, order);
  }

  #lineUpAnew(nowMs: number): void {
    const turns = this.#all.toArray();
    for (const turn of turns) this.#stepOut(turn);
    for (const turn of turns) this.#lineUp(turn, nowMs);
  }

  #stepOut(turn: Turn): void {
    const { queue } = turn.inLine;
    queue?.remove(turn.inLine);
    if (turn.backend !== undefined && queue?.size === 0) this.#byBackend.delete(turn.backend);
    turn.backend = undefined;
  }
}

function sooner(a: Place<Turn> | undefined, b: Place<Turn> | undefined): Place<Turn> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.isBefore(b) ? a : b;
}

const FOR_EVER = Number.POSITIVE_INFINITY;
