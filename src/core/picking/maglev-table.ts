import type { Backend } from "../backend.ts";
import { keyHash } from "./key-hash.ts";

/** The table's size for up to 655 backends. */
const SIZE = 65_537;
/** Its size for more of them. */
const LARGE_SIZE = 655_373;
/** As many entries as each backend should have, so that rounding to whole ones costs a share of 1 % at most. */
const ENTRIES_EACH = 100;

/** The indices of backends. */
type Indices = Uint16Array | Uint32Array;

/**
 * A table from hashes to backends, in which each has about as many entries as its weight says, and in which
 * few entries change when the backends do: Maglev hashing (D. Eisenbud et al., "Maglev: A Fast and Reliable
 * Software Network Load Balancer", NSDI 2016, §3.4).
 *
 * Each backend has an order of its own in which it would like the entries, and they take turns at taking the
 * next one that is free. One with less weight than the heaviest sits turns out, as in Envoy's Maglev. When one of
 * them is gone, its keys go to others, and of all others at most one in a hundred does.
 *
 * The sizes are the two primes that the paper measures. The smaller one keeps shares within 1 % of the weights
 * for up to 655 equal backends, and is made in about 2 ms. The larger one does so for 6,553, leaves 10,000
 * within 2 %, and takes 30 ms; a still larger one would hold up everything else for longer than it is worth. No
 * backend has less than one entry, so among very many a tiny weight counts for more than it says.
 */
export class MaglevTable {
  /** The backends, in the order of their names: the table must not depend on the order in which they were given. */
  readonly backends: readonly Backend[];
  /** For each hash, modulo the length, the index of its backend. */
  readonly entries: Indices;

  /** @param backends At least one. */
  constructor(backends: readonly Backend[]) {
    const size = backends.length * ENTRIES_EACH <= SIZE ? SIZE : LARGE_SIZE;
    this.backends = [...backends].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.entries = backends.length < 0xffff ? new Uint16Array(size) : new Uint32Array(size);
    fill(this.entries, this.backends);
  }
}

function fill(entries: Indices, backends: readonly Backend[]): void {
  const size = entries.length;
  const free = entries.BYTES_PER_ELEMENT === 2 ? 0xffff : 0xffff_ffff;
  entries.fill(free);
  // From its first wish on, a backend goes on in steps of one length: it comes by all, since the size is a prime.
  const wishes = Uint32Array.from(backends, ({ id }) => keyHash(id, WISH_SEED) % size);
  const steps = Uint32Array.from(backends, ({ id }) => (keyHash(id, STEP_SEED) % (size - 1)) + 1);
  const classes = weightClasses(backends);
  const heaviest = Math.max(...classes.map(({ weight }) => weight));
  let left = size;
  for (let turn = 1; ; turn++) {
    for (const weightClass of classes) {
      if (turn * weightClass.weight < weightClass.turnsTaken * heaviest) continue;
      weightClass.turnsTaken += 1;
      for (const index of weightClass.members) {
        const step = steps[index] as number;
        let entry = wishes[index] as number;
        while (entries[entry] !== free) {
          entry += step;
          if (entry >= size) entry -= size;
        }
        wishes[index] = entry;
        entries[entry] = index;
        left -= 1;
        if (left === 0) return;
      }
    }
  }
}

const WISH_SEED = 1;
const STEP_SEED = 2;

/** Backends of one weight, which take and sit out the same turns. */
interface WeightClass {
  readonly weight: number;
  /** Indices of backends. */
  readonly members: number[];
  turnsTaken: number;
}

function weightClasses(backends: readonly Backend[]): WeightClass[] {
  const byWeight = new Map<number, WeightClass>();
  // Not the weight of a slow start, which changes too often for a table.
  for (const [index, { ownWeight: weight }] of backends.entries()) {
    const weightClass = byWeight.get(weight);
    if (weightClass === undefined) byWeight.set(weight, { weight, members: [index], turnsTaken: 0 });
    else weightClass.members.push(index);
  }
  return [...byWeight.values()];
}
