import type { Backend } from "../backend.ts";
import { rounded } from "./chances.ts";
import { keyHash, nextHash } from "./key-hash.ts";
import type { MaglevTable } from "./maglev-table.ts";
import { AVOIDED, numberText, type PickForecast, type Prospect } from "./preview.ts";

/** What a pick by a key depends on. */
export interface HashingState {
  readonly table: MaglevTable;
  /** At least one. */
  readonly ready: readonly Backend[];
  /** A backend has room while it has less than this under way, times its weight. */
  readonly roomAWeight: number;
  /** How many entries a pick looks at in the order that the key says, and then by chance. */
  readonly probes: number;
}

/** So much of a key is shown: it may be a whole cookie. */
const MOST_OF_A_KEY = 60;

/** What `Hashing.pick` would do with a key that is not empty. */
export function hashingForecast(state: HashingState, key: string, avoid: readonly Backend[]): PickForecast {
  const { table, ready } = state;
  const { backends, entries } = table;
  const entry = keyHash(key) % entries.length;
  const home = backends[entries[entry] as number] as Backend;
  const way = new KeysWay(state, key, avoid);
  const shown = key.length > MOST_OF_A_KEY ? `${key.slice(0, MOST_OF_A_KEY)}…` : key;
  return {
    rule: `the key ${JSON.stringify(shown)} names entry ${entry} of ${entries.length} in a table by weight, which is ${home.origin}'s`,
    prospects: ready.map((backend): Prospect => {
      return {
        backend,
        chance: way.chance(backend),
        score: way.score(backend),
        reason: way.reason(backend, home),
      };
    }),
  };
}

/** Where a key leads, one entry after another. */
class KeysWay {
  readonly #state: HashingState;
  readonly #avoid: readonly Backend[];
  readonly #ready: ReadonlySet<Backend>;
  /** Met on the way, and too busy. */
  readonly #crowded = new Set<Backend>();
  readonly #chances = new Map<Backend, number>();
  #isScattered = false;

  constructor(state: HashingState, key: string, avoid: readonly Backend[]) {
    this.#state = state;
    this.#avoid = avoid;
    this.#ready = new Set(state.ready);
    const { backends, entries } = state.table;
    let hash = keyHash(key);
    for (let probe = 0; probe < state.probes; probe++, hash = nextHash(hash)) {
      const backend = backends[entries[hash % entries.length] as number] as Backend;
      if (!this.#ready.has(backend) || avoid.includes(backend)) continue;
      if (this.#hasRoom(backend)) {
        this.#chances.set(backend, 1);
        return;
      }
      this.#crowded.add(backend);
    }
    const hit = this.#crowded.size > 0 ? this.#scatter() : 0;
    this.#add(this.#walk(keyHash(key)), 1 - hit);
  }

  chance(backend: Backend): number {
    return rounded(this.#chances.get(backend) ?? 0);
  }

  score(backend: Backend): string {
    const { inFlight, weight } = backend;
    const room = this.#state.roomAWeight * weight;
    return `${inFlight} under way, ${room === Number.POSITIVE_INFINITY ? "no limit" : `room below ${numberText(room)}`}`;
  }

  reason(backend: Backend, home: Backend): string {
    if (this.#avoid.includes(backend) && this.chance(backend) === 0) return AVOIDED;
    const isHome = backend === home;
    if (this.#crowded.has(backend) && this.chance(backend) === 0) {
      return isHome ? "the key's own, but too busy" : "on the key's way, but too busy";
    }
    if (this.chance(backend) === 0) return "not the key's";
    if (isHome) return "the key's own";
    if (this.#isScattered) return "by chance, since all on the key's way are too busy";
    return `the next on the key's way, since its own, ${home.origin}, is ${this.#whyNot(home)}`;
  }

  #whyNot(home: Backend): string {
    if (this.#avoid.includes(home)) return "passed over";
    return this.#ready.has(home) ? "too busy" : "out";
  }

  /** Draws of entries until one has room. Returns how likely any of them does. */
  #scatter(): number {
    const { backends, entries } = this.#state.table;
    const parts = new Map<Backend, number>();
    let roomy = 0;
    for (const index of entries) {
      const backend = backends[index] as Backend;
      if (!this.#ready.has(backend) || this.#avoid.includes(backend) || !this.#hasRoom(backend)) continue;
      parts.set(backend, (parts.get(backend) ?? 0) + 1);
      roomy += 1;
    }
    if (roomy === 0) return 0;
    this.#isScattered = true;
    const hit = 1 - (1 - roomy / entries.length) ** this.#state.probes;
    for (const [backend, part] of parts) this.#add(backend, (part / roomy) * hit);
    return hit;
  }

  #walk(hash: number): Backend {
    const { ready } = this.#state;
    const start = hash % ready.length;
    const inTurn = [...ready.slice(start), ...ready.slice(0, start)].filter(
      (backend) => !this.#avoid.includes(backend),
    );
    return inTurn.find((backend) => this.#hasRoom(backend)) ?? inTurn[0] ?? (ready[start] as Backend);
  }

  #add(backend: Backend, chance: number): void {
    this.#chances.set(backend, (this.#chances.get(backend) ?? 0) + chance);
  }

  #hasRoom({ inFlight, weight }: Backend): boolean {
    return inFlight < this.#state.roomAWeight * weight;
  }
}
