import type { Backend } from "../backend.ts";
import { FairTurns, TurnTaker } from "./fair-turns.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { AVOIDED, certain, type PickForecast, type PickPreview } from "./preview.ts";

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
export function roundRobin(): ForeseeablePicker {
  return new RoundRobin();
}

/** What is owed is kept to this part of a turn, so that those who are owed alike stay in their order. */
const PARTS_OF_A_TURN = 2 ** 30;

/** How far a preview looks: with weights far apart it is long until the lightest has its turn. */
const TURNS_FORESEEN = 10_000;

class RoundRobin implements ForeseeablePicker {
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

  preview(): PickPreview {
    const copy = this.#copy();
    return { next: (_key, _nowMs, avoid) => copy.#forecast(avoid) };
  }

  #copy(): RoundRobin {
    const copies = new Map(this.#rotas.map((rota) => [rota, rota.copy()]));
    const copy = new RoundRobin();
    copy.#rotas = [...copies.values()];
    copy.#turns = this.#turns?.copy((rota) => copies.get(rota) as Rota);
    return copy;
  }

  /** Takes a turn. */
  #forecast(avoid: readonly Backend[]): PickForecast {
    const ready = this.#rotas.flatMap(({ backends }) => backends);
    const future = this.#copy();
    const picked = this.pick("", 0, avoid);
    const waits = new Map<Backend, number>();
    for (let turn = 0; turn < TURNS_FORESEEN && waits.size < ready.length; turn++) {
      const backend = future.pick("", 0, turn === 0 ? avoid : []);
      if (!waits.has(backend)) waits.set(backend, turn);
    }
    return certain("each in turn, as often as its weight says", ready, picked, (backend) => {
      const score = waitText(waits.get(backend));
      if (backend === picked) return { score, reason: "it is its turn" };
      return { score, reason: avoid.includes(backend) ? AVOIDED : "it is another's turn" };
    });
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

  /** The same as it is now. */
  copy(): Rota {
    const copy = new Rota(this.weight, this.backends);
    copy.#rounds = this.#rounds;
    copy.#next = this.#next;
    return copy;
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

/** When its turn is. @param others How many have theirs before; undefined for more than anybody looks at. */
function waitText(others: number | undefined): string {
  if (others === undefined) return `after more than ${TURNS_FORESEEN} others`;
  return others === 0 ? "next" : `after ${others} ${others === 1 ? "other" : "others"}`;
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
