import type { Backend } from "../backend.ts";
import { Heap, type Ranked } from "./heap.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { AVOIDED, certain, loadText, type PickForecast, type PickPreview } from "./preview.ts";

/**
 * Least connections: the backend with the fewest requests under way for its weight. Those that have equally few
 * take turns, as often as their weights say; so with nothing under way it is weighted round robin, which is
 * how nginx's `least_conn` settles ties.
 *
 * It looks at all of them without looking at each: they are kept in a heap by what they have under way, and one
 * moves when a request begins or ends there, as in HAProxy's tree for `leastconn`. O(log n) for each of the three.
 */
export function leastConnections(): ForeseeablePicker {
  return new LeastConnections();
}

/** A ready backend, and when its next turn is due. */
class Candidate implements Ranked {
  readonly backend: Backend;
  /** Settles what nothing else does: the place in the order given. */
  readonly order: number;
  place = 0;
  /** By a clock on which a backend is due 1 / weight after its last turn. */
  due: number;

  constructor(backend: Backend, order: number, due: number) {
    this.backend = backend;
    this.order = order;
    this.due = due;
  }
}

class LeastConnections implements ForeseeablePicker {
  readonly #heap = new Heap<Candidate>(isLess);
  #candidates: Map<Backend, Candidate> = new Map();
  /** When the last turn given was due. */
  #now = 0;

  rebuild(ready: readonly Backend[]): void {
    const before = this.#candidates;
    this.#candidates = new Map(
      ready.map((backend, order) => {
        // Midway, or of those that are alike all but the heaviest would begin with a turn each.
        const due = before.get(backend)?.due ?? this.#now + 0.5 / backend.weight;
        return [backend, new Candidate(backend, order, due)];
      }),
    );
    this.#heap.fill([...this.#candidates.values()]);
  }

  pick(_key: string, _nowMs: number, avoid: readonly Backend[]): Backend {
    const candidate = this.#least(avoid);
    // Turns that it did not take while it had more to do than others are lost.
    this.#now = Math.max(this.#now, candidate.due);
    candidate.due = this.#now + 1 / candidate.backend.weight;
    this.#heap.moved(candidate);
    return candidate.backend;
  }

  begun(backend: Backend): void {
    this.#moved(backend);
  }

  ended(backend: Backend): void {
    this.#moved(backend);
  }

  preview(): PickPreview {
    const copy = new LeastConnections();
    copy.#candidates = new Map(
      Array.from(this.#candidates, ([backend, { order, due }]) => [
        backend,
        new Candidate(backend, order, due),
      ]),
    );
    copy.#heap.fill([...copy.#candidates.values()]);
    copy.#now = this.#now;
    return { next: (key, nowMs, avoid) => copy.#forecast(key, nowMs, avoid) };
  }

  #forecast(key: string, nowMs: number, avoid: readonly Backend[]): PickForecast {
    const ready = [...this.#candidates.keys()];
    const picked = this.pick(key, nowMs, avoid);
    const isAlike = (backend: Backend) =>
      backend.inFlight * picked.weight === picked.inFlight * backend.weight;
    const ties = ready.filter((backend) => isAlike(backend) && !avoid.includes(backend)).length;
    const rule = "the fewest requests under way for its weight, and of those alike whose turn it is";
    return certain(rule, ready, picked, (backend) => {
      const score = loadText(backend);
      if (backend === picked) {
        return {
          score,
          reason: ties > 1 ? "none has fewer, and it is its turn" : "the fewest for its weight",
        };
      }
      if (avoid.includes(backend)) return { score, reason: AVOIDED };
      return { score, reason: isAlike(backend) ? "as few, but it is another's turn" : "more for its weight" };
    });
  }

  #moved(backend: Backend): void {
    const candidate = this.#candidates.get(backend);
    if (candidate !== undefined) this.#heap.moved(candidate);
  }

  #least(avoid: readonly Backend[]): Candidate {
    const heap = this.#heap;
    const least = avoid.length === 0 ? undefined : heap.firstBut(({ backend }) => avoid.includes(backend));
    return least ?? (heap.first as Candidate);
  }
}

/** By load as fractions of whole numbers, then by turn. */
function isLess(a: Candidate, b: Candidate): boolean {
  const left = a.backend.inFlight * b.backend.weight;
  const right = b.backend.inFlight * a.backend.weight;
  if (left !== right) return left < right;
  return a.due !== b.due ? a.due < b.due : a.order < b.order;
}
