import type { Attempts } from "../../src/core/attempts.ts";
import type { Balancer } from "../../src/core/balancer.ts";
import type { QueueRules, Refusal, Turn } from "../../src/core/waiting.ts";

/** How much later than asked a wait may end, in milliseconds: two ticks of the wheel. */
const LATE_MS = 100;

/** What is known of a request that waits. */
interface Wait {
  readonly rank: number;
  readonly order: number;
  readonly sinceMs: number;
}

/**
 * Keeps books of its own on who waits for room at a backend, and says so when something happens that must not: room
 * that is left while somebody waits, somebody who goes ahead of others, or is kept waiting for too long.
 */
export class QueueJudge {
  readonly #balancer: Balancer;
  readonly #rules: QueueRules;
  readonly #met: Set<string>;
  readonly #expect: (isSo: boolean, what: () => string) => void;
  readonly #waits = new Map<Turn, Wait>();
  readonly #watched = new WeakSet<Turn>();
  #order = 0;

  /**
   * @param met Where it is noted what the queue has come to.
   * @param expect What to call with everything that has to be so.
   */
  constructor(
    balancer: Balancer,
    rules: QueueRules,
    met: Set<string>,
    expect: (isSo: boolean, what: () => string) => void,
  ) {
    this.#balancer = balancer;
    this.#rules = rules;
    this.#met = met;
    this.#expect = expect;
    this.#watch();
  }

  /** Looks at the queue between two events. */
  look(): void {
    const { pool, waiting } = this.#balancer;
    const { size } = this.#waits;
    this.#expect(waiting?.size === size, () => `${waiting?.size} wait, not ${size}`);
    if (size === 0) return;
    const { maxWaiting } = this.#rules;
    this.#expect(size <= maxWaiting, () => `${size} wait, where ${maxWaiting} may`);
    this.#expect(pool.ready.length > 0, () => `${size} wait for nobody`);
    const roomy = pool.ready.find(({ isFull }) => !isFull);
    this.#expect(roomy === undefined, () => `${size} wait, and ${roomy?.id} has room`);
    for (const wait of this.#waits.values()) this.#expectPatience(wait);
  }

  /** Somebody was sent to a backend who did not wait. */
  picked(): void {
    const { size } = this.#waits;
    const mayBe = size === 0 || this.#balancer.isHandingOver;
    this.#expect(mayBe, () => `${size} wait, and were overtaken by who has just come`);
  }

  #watch(): void {
    const waiting = this.#balancer.waiting;
    if (waiting === undefined) return;
    const { join, leave } = waiting;
    waiting.join = (turn, rank, nowMs, endsAtMs) => {
      this.#order += 1;
      this.#tell(turn);
      const before = new Map(this.#waits);
      this.#waits.set(turn, { rank, order: this.#order, sinceMs: nowMs });
      const isIn = join.call(waiting, turn, rank, nowMs, endsAtMs);
      if (!isIn) {
        this.#waits.delete(turn);
        const isFull = before.size === this.#rules.maxWaiting;
        this.#expect(isFull, () => `turned away with ${before.size} in the queue`);
        this.#met.add("queue-full");
      } else {
        this.#met.add("waiting");
      }
      return isIn;
    };
    waiting.leave = (turn) => {
      const wait = this.#waits.get(turn);
      if (wait !== undefined) this.#expectPatience(wait);
      return leave.call(waiting, turn);
    };
  }

  /** Has the turn's end told here first, whatever it is. */
  #tell(turn: Turn): void {
    if (this.#watched.has(turn)) return;
    this.#watched.add(turn);
    const attempts = turn.waiter as Attempts;
    const { granted, refused, leave } = attempts;
    attempts.granted = (backend) => {
      const own = this.#taken(turn);
      for (const other of this.#waits.values()) {
        this.#expect(
          isBefore(own, other),
          () => `a request of rank ${own.rank} overtook one of ${other.rank}`,
        );
      }
      granted.call(attempts, backend);
    };
    attempts.refused = (why) => {
      this.#refused(this.#taken(turn), why);
      refused.call(attempts, why);
    };
    attempts.leave = () => {
      const isLeaving = leave.call(attempts);
      if (isLeaving) this.#waits.delete(turn);
      return isLeaving;
    };
  }

  #taken(turn: Turn): Wait {
    const wait = this.#waits.get(turn);
    this.#expect(wait !== undefined, () => "somebody was told twice that a wait is over");
    this.#waits.delete(turn);
    return wait as Wait;
  }

  #refused(own: Wait, why: Refusal): void {
    this.#met.add(why);
    if (why === "queue-timeout") {
      const waitedMs = this.#balancer.nowMs() - own.sinceMs;
      this.#expect(waitedMs >= this.#rules.timeoutMs, () => `waited ${waitedMs} ms, and not for longer`);
    } else if (why === "queue-full") {
      this.#met.add("displaced");
      for (const other of this.#waits.values()) {
        this.#expect(isBefore(other, own), () => `a request of rank ${own.rank} lost its place`);
      }
    }
  }

  #expectPatience({ sinceMs }: Wait): void {
    const { timeoutMs } = this.#rules;
    const waitedMs = this.#balancer.nowMs() - sinceMs;
    const isSo = timeoutMs === 0 || waitedMs <= timeoutMs + LATE_MS;
    this.#expect(isSo, () => `kept waiting for ${waitedMs} ms, where ${timeoutMs} are allowed`);
  }
}

function isBefore(a: Wait, b: Wait): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}
