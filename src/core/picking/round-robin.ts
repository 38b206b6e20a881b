import type { Backend } from "../backend.ts";
import type { Picker } from "./picker.ts";

/**
 * Weighted round robin: every backend in turn, as often as its weight says, evenly spread.
 *
 * With equal weights it is a cursor over the ready backends: O(1), and exact, since picking is
 * synchronous. With unequal weights it is earliest deadline first, the scheduler that Envoy's
 * round robin uses: a backend's turn number k is due at (k + ½) / weight, and the earliest one is next;
 * O(log n). Over any whole cycle each gets exactly its weight, because due times are compared as
 * fractions of whole numbers and never rounded.
 *
 * When the ready set changes, the next turn goes to the first ready backend after the one served last,
 * so that neither a loss nor a return favours a neighbour.
 */
export function roundRobin(): Picker {
  return new RoundRobin();
}

/** A backend's place in the weighted schedule. */
interface Turn {
  readonly backend: Backend;
  /** Settles ties: the order in which the first turns would come with equal weights. */
  readonly position: number;
  /** 2k + 1 for turn k, so that the due time is `halves / (2 × weight)`. */
  halves: number;
}

class RoundRobin implements Picker {
  readonly usesKey = false;
  #ready: readonly Backend[] = [];
  /** The members' order, the newest one that has the backend served last: it may have left the pool. */
  #order: readonly Backend[] = [];
  #next = 0;
  #last: Backend | undefined;
  /** A binary heap by due time; empty while all weights are equal. */
  #heap: Turn[] = [];

  rebuild(ready: readonly Backend[], members: readonly Backend[]): void {
    if (this.#last === undefined || members.includes(this.#last)) this.#order = members;
    this.#next = firstReadyAfter(this.#last, ready, this.#order);
    this.#ready = ready;
    const weight = ready[0]?.weight;
    this.#heap = ready.every((backend) => backend.weight === weight) ? [] : this.#schedule(ready);
  }

  pick(): Backend {
    if (this.#heap.length > 0) return this.#pickWeighted();
    const backend = this.#ready[this.#next] as Backend;
    this.#next = this.#next + 1 === this.#ready.length ? 0 : this.#next + 1;
    this.#last = backend;
    return backend;
  }

  #schedule(ready: readonly Backend[]): Turn[] {
    const turns = ready.map((backend, index) => ({
      backend,
      position: (index - this.#next + ready.length) % ready.length,
      halves: 1,
    }));
    return turns.sort((a, b) => (isEarlier(a, b) ? -1 : 1));
  }

  #pickWeighted(): Backend {
    const heap = this.#heap;
    const turn = heap[0] as Turn;
    turn.halves += 2;
    let parent = 0;
    for (let child = 1; child < heap.length; child = 2 * parent + 1) {
      const right = heap[child + 1];
      if (right !== undefined && isEarlier(right, heap[child] as Turn)) child += 1;
      const earliest = heap[child] as Turn;
      if (!isEarlier(earliest, turn)) break;
      heap[parent] = earliest;
      parent = child;
    }
    heap[parent] = turn;
    this.#last = turn.backend;
    return turn.backend;
  }
}

function isEarlier(a: Turn, b: Turn): boolean {
  const left = a.halves * b.backend.weight;
  const right = b.halves * a.backend.weight;
  return left !== right ? left < right : a.position < b.position;
}

/** The index in `ready` of the first backend that comes after `last` in the order of `members`. */
function firstReadyAfter(
  last: Backend | undefined,
  ready: readonly Backend[],
  members: readonly Backend[],
): number {
  const start = last === undefined ? -1 : members.indexOf(last);
  if (start < 0 || ready.length === 0) return 0;
  const readyIndex = new Map(ready.map((backend, index) => [backend, index]));
  for (let step = 1; step <= members.length; step++) {
    const index = readyIndex.get(members[(start + step) % members.length] as Backend);
    if (index !== undefined) return index;
  }
  return 0;
}
