import { Heap, type Ranked } from "./heap.ts";

/** One of several who take turns. */
export class TurnTaker implements Ranked {
  place = 0;
  /** Its share of the turns, relative to the others'. A whole number of at least 1. */
  readonly portion: number;
  /** Settles what nothing else does: the place in the order given. */
  order = 0;
  /** Turns taken less turns that were due at the beginning, times the scale of those it takes turns with. */
  ahead = 0;

  /** @param portion A whole number of at least 1. */
  constructor(portion: number) {
    this.portion = portion;
  }
}

/**
 * Gives turns out by portions, so that at every moment each taker has had what is due to it, give or take less
 * than one turn: at most 1 − 1/(2k − 2) for k takers, which is the best there is.
 *
 * It is the solution of the chairman assignment problem (R. Tijdeman, Discrete Mathematics 32, 1980). A turn may
 * be taken from the moment at which taking it would put nobody further ahead than that, and must be by the
 * moment at which not taking it would leave somebody further behind; among those who may, the one who must
 * first is next. Two heaps keep who may and who may not yet: O(log k) a turn, over any stretch of them.
 *
 * Shares are compared as fractions of whole numbers, so that nothing is rounded: after as many turns as the
 * portions add up to, each has had exactly its portion.
 */
export class FairTurns<T extends TurnTaker> {
  readonly #total: number;
  /** Turns are counted in parts of this size: 2k − 2 for k takers. */
  readonly #scale: number;
  readonly #ready: Heap<T>;
  readonly #waiting = new Heap<T>(isAllowedBefore);
  readonly #takers: readonly T[];
  /** Turns given out in this cycle, which ends when each has had its portion. */
  #given = 0;

  /**
   * @param takers At least two.
   * @param dues Turns that each is still owed from before, negative if it is ahead; they add up to 0.
   */
  constructor(takers: readonly T[], dues: readonly number[]) {
    const scale = 2 * takers.length - 2;
    this.#takers = takers;
    this.#scale = scale;
    this.#total = takers.reduce((sum, { portion }) => sum + portion, 0);
    this.#ready = new Heap((a, b) => isDueBefore(a, b, scale));
    for (const [order, taker] of takers.entries()) {
      taker.order = order;
      taker.ahead = -(dues[order] as number) * scale;
    }
    this.#waiting.fill(takers);
  }

  /** Gives a turn. */
  next(): T {
    const waiting = this.#waiting;
    for (let taker = waiting.first; taker !== undefined && this.#isAllowed(taker); taker = waiting.first) {
      this.#ready.add(waiting.take());
    }
    // What is owed from before may leave nobody who is allowed a turn; it is then the one who soon will be.
    const taker = this.#ready.size > 0 ? this.#ready.take() : waiting.take();
    this.#given += 1;
    taker.ahead += this.#scale;
    if (this.#given === this.#total) this.#beginCycle();
    (this.#isAllowed(taker) ? this.#ready : waiting).add(taker);
    return taker;
  }

  /**
   * The same as it is now, to look at the turns that would follow.
   *
   * @param copyOf Gives each taker's copy, with its portion.
   */
  copy(copyOf: (taker: T) => T): FairTurns<T> {
    const copies = new Map(this.#takers.map((taker) => [taker, copyOf(taker)]));
    const copied = (takers: readonly T[]) => takers.map((taker) => copies.get(taker) as T);
    const turns = new FairTurns<T>(copied(this.#takers), new Array<number>(copies.size).fill(0));
    for (const [taker, copy] of copies) copy.ahead = taker.ahead;
    turns.#ready.fill(copied(this.#ready.items));
    turns.#waiting.fill(copied(this.#waiting.items));
    turns.#given = this.#given;
    return turns;
  }

  /** Whether the next turn would not put it too far ahead. */
  #isAllowed(taker: T): boolean {
    return (this.#given + 1) * this.#scale * taker.portion >= this.#total * (taker.ahead + 1);
  }

  /** Everybody is where it was a cycle ago; counting from here on keeps the numbers small, and so exact. */
  #beginCycle(): void {
    this.#given = 0;
    for (const taker of this.#takers) taker.ahead -= this.#scale * taker.portion;
  }
}

/** Whether `a` must have its next turn before `b`. */
function isDueBefore(a: TurnTaker, b: TurnTaker, scale: number): boolean {
  const left = (a.ahead + scale - 1) * b.portion;
  const right = (b.ahead + scale - 1) * a.portion;
  return left !== right ? left < right : isAllowedBefore(a, b);
}

/** Whether `a` may have its next turn before `b`. */
function isAllowedBefore(a: TurnTaker, b: TurnTaker): boolean {
  const left = (a.ahead + 1) * b.portion;
  const right = (b.ahead + 1) * a.portion;
  return left !== right ? left < right : a.order < b.order;
}
