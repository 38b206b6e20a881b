/** What can be in a heap: it knows where, so that it is found again when its rank changes. */
export interface Ranked {
  /** Its index in the heap that it is in. The heap's. */
  place: number;
}

/**
 * A binary heap of things whose rank changes while they are in it: the first one is at hand, and every
 * change costs O(log n).
 */
export class Heap<T extends Ranked> {
  readonly #isBefore: (a: T, b: T) => boolean;
  #items: T[] = [];

  /** @param isBefore Whether `a` comes before `b`: a strict total order. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /** Makes these the heap's things, in O(n). */
  fill(items: readonly T[]): void {
    this.#items = [...items];
    for (const [place, item] of items.entries()) item.place = place;
    for (let place = (items.length >> 1) - 1; place >= 0; place--) this.#sink(this.#items[place] as T);
  }

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** All of them, in no order that means anything. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** The first of them; undefined if there is none. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /**
   * The first of those that are not passed over.
   *
   * It looks at two more for each that it passes over. Undefined if it passes over all of them.
   */
  firstBut(isPassedOver: (item: T) => boolean): T | undefined {
    return this.#firstFrom(0, isPassedOver);
  }

  /** Adds something that is in no heap. */
  add(item: T): void {
    item.place = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  /** Takes the first one out. Only while there is one. */
  take(): T {
    const taken = this.#items[0] as T;
    const last = this.#items.pop() as T;
    if (last !== taken) {
      last.place = 0;
      this.#items[0] = last;
      this.#sink(last);
    }
    return taken;
  }

  /** To be told of everything in it whose rank has changed, one after another. */
  moved(item: T): void {
    this.#rise(item);
    this.#sink(item);
  }

  #firstFrom(place: number, isPassedOver: (item: T) => boolean): T | undefined {
    const item = this.#items[place];
    if (item === undefined || !isPassedOver(item)) return item;
    const left = this.#firstFrom(2 * place + 1, isPassedOver);
    const right = this.#firstFrom(2 * place + 2, isPassedOver);
    if (left === undefined || right === undefined) return left ?? right;
    return this.#isBefore(left, right) ? left : right;
  }

  #rise(item: T): void {
    const items = this.#items;
    let place = item.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above] as T;
      if (!this.#isBefore(item, parent)) break;
      items[place] = parent;
      parent.place = place;
      place = above;
    }
    items[place] = item;
    item.place = place;
  }

  #sink(item: T): void {
    const items = this.#items;
    let place = item.place;
    for (let below = 2 * place + 1; below < items.length; below = 2 * place + 1) {
      const right = items[below + 1];
      if (right !== undefined && this.#isBefore(right, items[below] as T)) below += 1;
      const child = items[below] as T;
      if (!this.#isBefore(child, item)) break;
      items[place] = child;
      child.place = place;
      place = below;
    }
    items[place] = item;
    item.place = place;
  }
}
