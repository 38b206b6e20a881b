import type { Backend } from "./backend.ts";

/**
 * Which of the ready backends have room for another exchange: those below their `maxInFlight` and below the limit that
 * their latency allows, and whose breaker, while half-open, has a probe left.
 *
 * A backend that is full stays ready. Under load it may be full and not full a thousand times a second, and a
 * picker's state, its cursor or its table, must neither be made anew nor forget whose turn it was each time. So
 * picking goes on as ever, and a full one that was picked is passed over: most often the next draw has
 * room, and if some do not, this set gives one in O(1). It is kept by swapping with the last, at the moments when a
 * backend fills up and empties, which cost four writes; backends without a limit never come here.
 */
export class Room {
  #ready: readonly Backend[] = [];
  #roomy: Backend[] = [];
  #next = 0;

  /** Takes in a new set of ready backends. */
  rebuild(ready: readonly Backend[]): void {
    for (const backend of this.#ready) backend.isReady = false;
    this.#ready = ready;
    this.#roomy = [];
    for (const backend of ready) {
      backend.isReady = true;
      backend.isFull = isFull(backend);
      if (!backend.isFull) this.#add(backend);
    }
  }

  /** Whether no ready backend has room. */
  get isEmpty(): boolean {
    return this.#roomy.length === 0;
  }

  /** To be called whenever what a backend's room depends on has changed. */
  update(backend: Backend): void {
    const wasFull = backend.isFull;
    backend.isFull = isFull(backend);
    if (backend.isFull === wasFull || !backend.isReady) return;
    if (backend.isFull) this.#remove(backend);
    else this.#add(backend);
  }

  /** Which one `another` would give next, where none is to be avoided. */
  get following(): Backend | undefined {
    return this.#roomy[this.#after(this.#next)];
  }

  /** One with room: in turn, and another than those to avoid while there is one. Undefined if all are full. */
  another(avoid: readonly Backend[]): Backend | undefined {
    const roomy = this.#roomy;
    let backend: Backend | undefined;
    // Each of those to avoid can be met once.
    for (let step = Math.min(avoid.length + 1, roomy.length); step > 0; step--) {
      this.#next = this.#after(this.#next);
      backend = roomy[this.#next] as Backend;
      if (!avoid.includes(backend)) return backend;
    }
    return backend;
  }

  #after(place: number): number {
    return place + 1 < this.#roomy.length ? place + 1 : 0;
  }

  #add(backend: Backend): void {
    backend.roomIndex = this.#roomy.length;
    this.#roomy.push(backend);
  }

  #remove(backend: Backend): void {
    const last = this.#roomy.pop() as Backend;
    if (last !== backend) {
      this.#roomy[backend.roomIndex] = last;
      last.roomIndex = backend.roomIndex;
    }
  }
}

function isFull(backend: Backend): boolean {
  const { maxInFlight, inFlight, circuit, concurrency } = backend;
  if (concurrency !== undefined && inFlight >= concurrency.limit) return true;
  return (maxInFlight > 0 && inFlight >= maxInFlight) || circuit?.isSpent === true;
}
