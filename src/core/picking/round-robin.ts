import type { Backend } from "../backend.ts";
import { FairTurns, TurnTaker } from "./fair-turns.ts";
import type { Picker } from "./picker.ts";

/**
 * Weighted round robin: every backend in turn, as often as its weight says, evenly spread, as nginx's smooth
 * weighted round robin does it in effect.
 *
 * Backends of equal weight take turns among themselves, which is a cursor; if there are several weights, the
 * turns are shared out between them by `FairTurns`. So a pick is O(1) with equal weights and else O(log k) for
 * k different weights, and at every moment each backend has had its share, give or take less than one request:
 * fewer than 1/m for each of m alike from the sharing, and at most 1 − 1/m from the cursor.
 *
 * Each backend keeps its place when the ready set changes: what it is owed, or is ahead by, counts on when it
 * comes back, and who is owed most is first. So neither going out nor coming back gains anybody a turn.
 */
export function roundRobin(): Picker {
  return new RoundRobin();
}

/** What is owed is kept to this part of a turn, so that those who are owed alike stay in their order. */
const PARTS_OF_A_TURN = 2 ** 30;

class RoundRobin implements Picker {
  /** The turns that each member was owed at the last change; negative if it was ahead. */
  #dues: Map<Backend, number> = new Map();
  /** The ready backends by their weight. */
  #rotas: readonly Rota[] = [];
  /** Undefined while all weights are equal. */
  #turns: FairTurns<Rota> | undefined;

  rebuild(ready: readonly Backend[], members: readonly Backend[]): void {
    this.#settle();
    const before = this.#dues;
    this.#dues = new Map(members.map((backend) => [backend, before.get(backend) ?? 0]));
    this.#rotas = this.#rotasOf(ready);
    this.#turns = this.#rotas.length < 2 ? undefined : new FairTurns(this.#rotas, this.#rotaDues());
  }

  pick(_key: string, _nowMs: number, avoid: readonly Backend[]): Backend {
    const rota = this.#turns === undefined ? (this.#rotas[0] as Rota) : this.#turns.next();
    return rota.turn(avoid) ?? this.#elsewhere(rota, avoid);
  }

  /** Takes over into `#dues` what has happened since the last change. */
  #settle(): void {
    const given = sum(this.#rotas, (rota) => rota.taken);
    const total = sum(this.#rotas, (rota) => rota.portion);
    for (const rota of this.#rotas) {
      const share = (given * rota.weight) / total;
      for (const [index, backend] of rota.backends.entries()) {
        const due = this.#due(backend) + share - rota.takenBy(index);
        this.#dues.set(backend, Math.round(due * PARTS_OF_A_TURN) / PARTS_OF_A_TURN);
      }
    }
  }

  #due(backend: Backend): number {
    return this.#dues.get(backend) ?? 0;
  }

  #rotasOf(ready: readonly Backend[]): Rota[] {
    const byWeight = new Map<number, Backend[]>();
    for (const backend of ready) {
      const alike = byWeight.get(backend.weight);
      if (alike === undefined) byWeight.set(backend.weight, [backend]);
      else alike.push(backend);
    }
    return Array.from(byWeight, ([weight, backends]) => {
      return new Rota(
        weight,
        backends.sort((a, b) => this.#due(b) - this.#due(a)),
      );
    });
  }

  /** What each weight is owed together, less its part of what the backends that are out have taken or left. */
  #rotaDues(): number[] {
    const dues = this.#rotas.map((rota) => sum(rota.backends, (backend) => this.#due(backend)));
    const total = sum(this.#rotas, (rota) => rota.portion);
    const surplus = sum(dues, (due) => due) / total;
    return dues.map((due, index) => due - surplus * (this.#rotas[index] as Rota).portion);
  }

  /** For a request that has been to all backends of the weight whose turn it is: that weight loses its turn. */
  #elsewhere(passedOver: Rota, avoid: readonly Backend[]): Backend {
    for (const rota of this.#rotas) {
      const backend = rota === passedOver ? undefined : rota.turn(avoid);
      if (backend !== undefined) return backend;
    }
    return passedOver.turn([]) as Backend;
  }
}

/** Ready backends of one weight, which take turns. */
class Rota extends TurnTaker {
  readonly weight: number;
  readonly backends: readonly Backend[];
  #rounds = 0;
  #next = 0;

  constructor(weight: number, backends: readonly Backend[]) {
    super(weight * backends.length);
    this.weight = weight;
    this.backends = backends;
  }

  /** The next of them that is not to be avoided; one that is loses its turn. Undefined if all are. */
  turn(avoid: readonly Backend[]): Backend | undefined {
    const { backends } = this;
    for (let step = 0; step < backends.length; step++) {
      const backend = backends[this.#next] as Backend;
      this.#next += 1;
      if (this.#next === backends.length) {
        this.#next = 0;
        this.#rounds += 1;
      }
      if (avoid.length === 0 || !avoid.includes(backend)) return backend;
    }
    return undefined;
  }

  /** Turns taken by all together, lost ones among them. */
  get taken(): number {
    return this.#rounds * this.backends.length + this.#next;
  }

  /** Turns taken by one of them. */
  takenBy(index: number): number {
    return this.#rounds + (index < this.#next ? 1 : 0);
  }
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
