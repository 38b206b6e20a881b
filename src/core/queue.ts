/** How urgent a request is whose priority nobody has said. */
export const DEFAULT_PRIORITY = 5;

/** The least urgent priority; 0 is the most urgent one. */
export const LAST_PRIORITY = 9;

/** How many ranks a queue has: for each priority one of the requests that were tried before, and one of the others. */
export const RANKS = 2 * (LAST_PRIORITY + 1);

/**
 * Where a request stands among all that wait: lower ones go first.
 *
 * A request that was tried before goes ahead of new ones of its priority: its client has waited longest, and what
 * was done for it is lost if it is not answered in time. More urgent ones still go ahead of both.
 *
 * @param priority A whole number from 0 to 9.
 * @param isRetry Whether it was tried before.
 */
export function rankOf(priority: number, isRetry: boolean): number {
  return 2 * priority + (isRetry ? 0 : 1);
}

/** Something's place in a queue. It is its own list node: to join and to leave allocate nothing. */
export class Place<T> {
  /** Whose place it is. */
  readonly owner: T;
  /** @internal The queue that it is in. */ queue: Queue<T> | undefined = undefined;
  /** @internal */ rank = 0;
  /** @internal When it came: lower is earlier. */ order = 0;
  /** @internal */ ahead: Place<T> | undefined = undefined;
  /** @internal */ behind: Place<T> | undefined = undefined;

  constructor(owner: T) {
    this.owner = owner;
  }

  /** Whether it goes before another one, in whatever queue that is. */
  isBefore(other: Place<T>): boolean {
    return this.rank !== other.rank ? this.rank < other.rank : this.order < other.order;
  }
}

/**
 * A queue with ranks: those of a lower rank first, and of one rank those who came first. Whoever is in it may leave
 * from wherever it stands. Everything is O(1): a list for each rank, and a bit for each that has somebody in it.
 */
export class Queue<T> {
  readonly #first: (Place<T> | undefined)[] = new Array(RANKS).fill(undefined);
  readonly #last: (Place<T> | undefined)[] = new Array(RANKS).fill(undefined);
  /** A bit for each rank. */
  #taken = 0;
  #size = 0;

  /** How many are in it. */
  get size(): number {
    return this.#size;
  }

  /** Who is next. */
  get first(): Place<T> | undefined {
    return this.#taken === 0 ? undefined : this.#first[lowestBit(this.#taken)];
  }

  /** Who is to wait longest: of the highest rank the one that came last. */
  get last(): Place<T> | undefined {
    return this.#taken === 0 ? undefined : this.#last[highestBit(this.#taken)];
  }

  /**
   * Joins it behind all of its rank.
   *
   * @param place One that is in no queue.
   * @param rank As `rankOf` gives it.
   * @param order When it came, for `isBefore`.
   */
  add(place: Place<T>, rank: number, order: number): void {
    const last = this.#last[rank];
    place.queue = this;
    place.rank = rank;
    place.order = order;
    place.ahead = last;
    if (last === undefined) this.#first[rank] = place;
    else last.behind = place;
    this.#last[rank] = place;
    this.#taken |= 1 << rank;
    this.#size += 1;
  }

  /** Leaves it; does nothing if it is not in it. */
  remove(place: Place<T>): void {
    if (place.queue !== this) return;
    const { rank, ahead, behind } = place;
    if (ahead === undefined) this.#first[rank] = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last[rank] = ahead;
    else behind.ahead = ahead;
    if (ahead === undefined && behind === undefined) this.#taken &= ~(1 << rank);
    place.queue = undefined;
    place.ahead = undefined;
    place.behind = undefined;
    this.#size -= 1;
  }

  /** All, in the order in which they would go, as it is now. */
  toArray(): T[] {
    const all: T[] = [];
    for (const first of this.#first) {
      for (let place = first; place !== undefined; place = place.behind) all.push(place.owner);
    }
    return all;
  }
}

/** The place of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return highestBit(bits & -bits);
}

/** The place of the highest bit that is set. */
function highestBit(bits: number): number {
  return 31 - Math.clz32(bits);
}
