/**
 * Numbers keys, which it knows by 64-bit hashes alone: 14 to 20 bytes a key, however long keys are. Two keys with one
 * hash are one; that any two of a million have is one chance in 37 million.
 *
 * Open addressing with linear probing. What is taken out is closed up behind it (Knuth, TAOCP 3, §6.4, algorithm R),
 * so that nothing piles up however long it runs.
 */
export class KeyTable {
  /** The entry in each slot plus one; 0 is none. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** The two halves of each entry's hash. */
  readonly #hashes: Uint32Array;
  #size = 0;

  /** @param maxKeys How many keys it can hold. */
  constructor(maxKeys: number) {
    // At most two thirds full: probes stay short.
    const slots = 2 ** Math.ceil(Math.log2(maxKeys * 1.5));
    this.#slots = new Int32Array(slots);
    this.#mask = slots - 1;
    this.#hashes = new Uint32Array(maxKeys * 2);
  }

  /** How many keys it holds. Their entries are the numbers below it. */
  get size(): number {
    return this.#size;
  }

  /** The entry of a key; -1 if it has none. */
  find(low: number, high: number): number {
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry * 2] === low && this.#hashes[entry * 2 + 1] === high) return entry;
    }
  }

  /** Gives a key, which must be new, an entry of its own; there must be room for it. */
  add(low: number, high: number): number {
    const entry = this.#size;
    this.#size += 1;
    this.#put(entry, low, high);
    return entry;
  }

  /** Gives an entry to another key, which must be new. */
  replace(entry: number, low: number, high: number): void {
    this.#takeOut(entry);
    this.#put(entry, low, high);
  }

  #put(entry: number, low: number, high: number): void {
    this.#hashes[entry * 2] = low;
    this.#hashes[entry * 2 + 1] = high;
    let slot = low & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = entry + 1;
  }

  #takeOut(entry: number): void {
    let free = this.#homeOf(entry);
    while (this.#slots[free] !== entry + 1) free = (free + 1) & this.#mask;
    for (let slot = (free + 1) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const other = (this.#slots[slot] as number) - 1;
      if (other < 0) break;
      // One whose home lies behind the free slot would not be found in it.
      const fromHome = (slot - this.#homeOf(other)) & this.#mask;
      if (fromHome < ((slot - free) & this.#mask)) continue;
      this.#slots[free] = other + 1;
      free = slot;
    }
    this.#slots[free] = 0;
  }

  #homeOf(entry: number): number {
    return (this.#hashes[entry * 2] as number) & this.#mask;
  }
}
