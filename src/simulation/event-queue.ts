/**
 * What is going to happen, in the order in which it is due: a heap over typed arrays, so that an event allocates
 * nothing and the collector has nothing to do, however many requests are simulated.
 *
 * Four children to a node, since a shallow heap is the quicker one where moving an entry is cheap (LaMarca and
 * Ladner, "The Influence of Caches on the Performance of Heaps", JEA 1996). The heap holds the numbers of events,
 * and each event knows its place in it: so one can be called off in O(log n), and none is left behind.
 */
export class EventQueue {
  /** The number of the event taken last. */
  event = 0;
  /** When it was due, in milliseconds. */
  dueMs = 0;
  /** What kind of event it was. */
  kind = 0;
  /** Whom it is about. */
  subject = 0;
  readonly #most: number;
  #size = 0;
  #added = 0;
  #capacity: number;
  /** The first `#size` are the heap; behind them stand the numbers that are free. */
  #heap: Int32Array;
  #places: Int32Array;
  #dues: Float64Array;
  /** Settles ties: events due at one moment happen in the order in which they were added. */
  #orders: Float64Array;
  #kinds: Uint8Array;
  #subjects: Int32Array;

  /** @param most How many events it holds at most. */
  constructor(most: number) {
    this.#most = most;
    this.#capacity = Math.min(1024, most);
    this.#heap = counted(this.#capacity);
    this.#places = counted(this.#capacity);
    this.#dues = new Float64Array(this.#capacity);
    this.#orders = new Float64Array(this.#capacity);
    this.#kinds = new Uint8Array(this.#capacity);
    this.#subjects = new Int32Array(this.#capacity);
  }

  /** How many events are to come. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds an event.
   *
   * @param kind A whole number from 0 to 255.
   * @param subject A whole number below 2³¹.
   * @returns Its number, to call it off by; it is used again once the event is over.
   * @throws RangeError if the queue is full.
   */
  add(dueMs: number, kind: number, subject: number): number {
    if (this.#size === this.#capacity) this.#grow();
    const event = this.#heap[this.#size] as number;
    this.#dues[event] = dueMs;
    this.#orders[event] = this.#added;
    this.#kinds[event] = kind;
    this.#subjects[event] = subject;
    this.#added += 1;
    this.#size += 1;
    this.#rise(event, this.#size - 1);
    return event;
  }

  /** Takes the next event: `event`, `dueMs`, `kind` and `subject` then tell of it. False if there is none. */
  take(): boolean {
    if (this.#size === 0) return false;
    const event = this.#heap[0] as number;
    this.event = event;
    this.dueMs = this.#dues[event] as number;
    this.kind = this.#kinds[event] as number;
    this.subject = this.#subjects[event] as number;
    this.remove(event);
    return true;
  }

  /** Calls off an event that is to come. */
  remove(event: number): void {
    const place = this.#places[event] as number;
    const last = this.#heap[this.#size - 1] as number;
    this.#size -= 1;
    this.#put(event, this.#size);
    if (last === event) return;
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#isEarlier(last, this.#heap[parent] as number)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Puts an event where it belongs between a place and the top. */
  #rise(event: number, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const above = this.#heap[parent] as number;
      if (!this.#isEarlier(event, above)) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(event, place);
  }

  /** Puts an event where it belongs between a place and the bottom. */
  #sink(event: number, from: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let place = from;
    for (;;) {
      const first = 4 * place + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let child = first;
      let earliest = heap[first] as number;
      for (let other = first + 1; other < end; other++) {
        const candidate = heap[other] as number;
        if (this.#isEarlier(candidate, earliest)) {
          child = other;
          earliest = candidate;
        }
      }
      if (!this.#isEarlier(earliest, event)) break;
      this.#put(earliest, place);
      place = child;
    }
    this.#put(event, place);
  }

  #put(event: number, place: number): void {
    this.#heap[place] = event;
    this.#places[event] = place;
  }

  #isEarlier(a: number, b: number): boolean {
    const aDueMs = this.#dues[a] as number;
    const bDueMs = this.#dues[b] as number;
    if (aDueMs !== bDueMs) return aDueMs < bDueMs;
    return (this.#orders[a] as number) < (this.#orders[b] as number);
  }

  #grow(): void {
    if (this.#capacity >= this.#most) throw new RangeError(`more than ${this.#most} events are to come`);
    const capacity = Math.min(2 * this.#capacity, this.#most);
    this.#capacity = capacity;
    this.#heap = enlarged(this.#heap, counted(capacity));
    this.#places = enlarged(this.#places, counted(capacity));
    this.#dues = enlarged(this.#dues, new Float64Array(capacity));
    this.#orders = enlarged(this.#orders, new Float64Array(capacity));
    this.#kinds = enlarged(this.#kinds, new Uint8Array(capacity));
    this.#subjects = enlarged(this.#subjects, new Int32Array(capacity));
  }
}

function enlarged<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The numbers from 0 up. */
function counted(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index);
}
