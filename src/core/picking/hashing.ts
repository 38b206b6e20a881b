import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import { hashingForecast } from "./hashing-forecast.ts";
import { keyHash, nextHash } from "./key-hash.ts";
import { MaglevTable } from "./maglev-table.ts";
import type { ForeseeablePicker, KeySource } from "./picker.ts";
import { powerOfTwo } from "./power-of-two.ts";
import type { PickPreview } from "./preview.ts";

/** How far above its share of the requests under way a backend may go, unless told otherwise: Mirrokni's c. */
export const HASH_BALANCE_FACTOR = 1.25;

/** How many entries a pick looks at in the order that the key says, and then by chance. */
const PROBES = 256;

/**
 * Hashing: requests with the same key go to the same backend, as long as it is ready and not too busy.
 *
 * Where is said by a Maglev table over all members of the tier, ready or not, at the entry that the key's hash
 * names. A backend that is out keeps its entries, and its keys go on to another entry, each to one of its own: so
 * no other key moves when a backend goes out, all come home when it returns, the others share them by their
 * weights, and a change of health costs no new table. One is made only when the membership changes, off the
 * request's way.
 *
 * In the same way a key goes on if its backend is too busy, so that a popular one cannot drown it: none may have
 * more than `balanceFactor` times its share, by weight, of the requests under way (V. Mirrokni et al., "Consistent
 * Hashing with Bounded Loads", SODA 2018), and what overflows jumps, or it would pile up at a neighbour (J. Chen et
 * al., "Revisiting Consistent Hashing with Bounded Loads", AAAI 2021). At most 1 / c of the weight can be full
 * like that, so a few jumps are enough: O(1) expected. Only a key that is busy enough to fill the backends at all
 * its next entries would need many; what overflows there is scattered by chance.
 *
 * A request without a key goes by power of two.
 *
 * @param keySource What the key is made of.
 * @param balanceFactor Above 1; `Infinity` for no limit.
 */
export function hashing(keySource: KeySource, random: Random, balanceFactor: number): ForeseeablePicker {
  return new Hashing(keySource, random, balanceFactor);
}

class Hashing implements ForeseeablePicker {
  readonly keySource: KeySource;
  readonly #random: Random;
  readonly #balanceFactor: number;
  readonly #keyless: ForeseeablePicker;
  #members: readonly Backend[] = [];
  /** The tables of this membership by tier: a tier that comes and goes is not worth a new one each time. */
  #tables: Map<number, MaglevTable> = new Map();
  #table: MaglevTable | undefined;
  #ready: readonly Backend[] = [];
  #readySet: ReadonlySet<Backend> = new Set();
  /** 1 for each backend of the table that is ready. */
  #isReady = new Uint8Array(0);
  /** Of those that are ready. */
  #weight = 0;
  /** Of those that are ready. */
  #inFlight = 0;

  constructor(keySource: KeySource, random: Random, balanceFactor: number) {
    this.keySource = keySource;
    this.#random = random;
    this.#balanceFactor = balanceFactor;
    this.#keyless = powerOfTwo(random);
  }

  rebuild(ready: readonly Backend[], members: readonly Backend[]): void {
    if (members !== this.#members) this.#tables = new Map();
    this.#members = members;
    this.#ready = ready;
    this.#readySet = new Set(ready);
    this.#weight = 0;
    this.#inFlight = 0;
    for (const { weight, inFlight } of ready) {
      this.#weight += weight;
      this.#inFlight += inFlight;
    }
    this.#keyless.rebuild(ready, members);
    this.#table = ready[0] === undefined ? undefined : this.#tableOf(ready[0].tier);
    this.#isReady = Uint8Array.from(this.#table?.backends ?? [], (backend) => +this.#readySet.has(backend));
  }

  pick(key: string, nowMs: number, avoid: readonly Backend[]): Backend {
    if (key === "") return this.#keyless.pick(key, nowMs, avoid);
    const { backends, entries } = this.#table as MaglevTable;
    const first = keyHash(key);
    const room = this.#roomAWeight;
    let isCrowded = false;
    let hash = first;
    for (let probe = 0; probe < PROBES; probe++, hash = nextHash(hash)) {
      const index = entries[hash % entries.length] as number;
      const backend = backends[index] as Backend;
      if (this.#isReady[index] === 1 && !isAvoided(backend, avoid)) {
        if (backend.inFlight < room * backend.weight) return backend;
        isCrowded = true;
      }
    }
    return (isCrowded ? this.#scatter(avoid, room) : undefined) ?? this.#walk(first, avoid, room);
  }

  begun(backend: Backend): void {
    if (this.#readySet.has(backend)) this.#inFlight += 1;
  }

  ended(backend: Backend): void {
    if (this.#readySet.has(backend)) this.#inFlight -= 1;
  }

  preview(): PickPreview {
    const keyless = this.#keyless.preview();
    return {
      next: (key, nowMs, avoid) => {
        if (key === "") {
          const { rule, prospects } = keyless.next(key, nowMs, avoid);
          return { rule: `the request has no key, so ${rule}`, prospects };
        }
        const table = this.#table as MaglevTable;
        const state = { table, ready: this.#ready, roomAWeight: this.#roomAWeight, probes: PROBES };
        return hashingForecast(state, key, avoid);
      },
    };
  }

  #tableOf(tier: number): MaglevTable {
    let table = this.#tables.get(tier);
    if (table === undefined) {
      table = new MaglevTable(this.#members.filter((member) => member.tier === tier));
      this.#tables.set(tier, table);
    }
    return table;
  }

  /** A backend has room while it has less than this under way, times its weight; the request to come counts. */
  get #roomAWeight(): number {
    return (this.#balanceFactor * (this.#inFlight + 1)) / this.#weight;
  }

  /** Draws by weight until one has room: at least 1 − 1 / c of the weight that is ready does. */
  #scatter(avoid: readonly Backend[], room: number): Backend | undefined {
    const { backends, entries } = this.#table as MaglevTable;
    for (let probe = 0; probe < PROBES; probe++) {
      const index = entries[this.#random.below(entries.length)] as number;
      const backend = backends[index] as Backend;
      if (this.#isReady[index] !== 1 || isAvoided(backend, avoid)) continue;
      if (backend.inFlight < room * backend.weight) return backend;
    }
    return undefined;
  }

  /** For when nearly all of the tier is out, or all but those to avoid are full: each in turn, from a place that the key says. */
  #walk(hash: number, avoid: readonly Backend[], room: number): Backend {
    const ready = this.#ready;
    const start = hash % ready.length;
    let full: Backend | undefined;
    for (let step = 0; step < ready.length; step++) {
      const backend = ready[(start + step) % ready.length] as Backend;
      if (isAvoided(backend, avoid)) continue;
      if (backend.inFlight < room * backend.weight) return backend;
      full ??= backend;
    }
    return full ?? (ready[start] as Backend);
  }
}

function isAvoided(backend: Backend, avoid: readonly Backend[]): boolean {
  return avoid.length > 0 && avoid.includes(backend);
}
