import { FOLD } from "./characters.ts";
import type { HeadParser } from "./head-parser.ts";

/** What `FieldTable` answers for a name that is not in it. */
export const UNLISTED = 0;

/**
 * Finds names among known ones by their bytes, whatever their case (RFC 9110 §5.1), without a string made for
 * it. Length, first and last letter tell nearly all apart, so that a name is compared with one other at most,
 * and most of the unknown ones with none.
 */
export class FieldTable {
  /** The entries by their hash: the first of each chain, 0 for none. */
  readonly #first: Uint16Array;
  /** The next entry in the chain, by entry; 0 for none. */
  readonly #next: Uint16Array;
  readonly #numbers: Int32Array;
  /** All names, one after another. */
  readonly #names: Uint8Array;
  /** Where an entry's name ends in `#names`; the next one's begins there. */
  readonly #ends: Uint32Array;

  /** @param numbers The names, in lower case, and a number above 0 for each. */
  constructor(numbers: Readonly<Record<string, number>>) {
    const entries = Object.entries(numbers);
    this.#first = new Uint16Array(slotsFor(entries.length));
    this.#next = new Uint16Array(entries.length + 1);
    this.#numbers = new Int32Array(entries.length + 1);
    this.#ends = new Uint32Array(entries.length + 1);
    this.#names = Uint8Array.from(entries.map(([name]) => name).join(""), (letter) => letter.charCodeAt(0));
    for (const [index, [name, number]] of entries.entries()) {
      const entry = index + 1;
      const start = this.#ends[index] as number;
      this.#ends[entry] = start + name.length;
      this.#numbers[entry] = number;
      const slot = this.#slotOf(this.#names, start, start + name.length);
      this.#next[entry] = this.#first[slot] as number;
      this.#first[slot] = entry;
    }
  }

  /** The number of a field's name; `UNLISTED` if it has none. */
  find(head: HeadParser, field: number): number {
    return this.at(head.bytes, head.nameStart(field), head.nameEnd(field));
  }

  /** The number of the name that these bytes are, from `start` up to `end`; `UNLISTED` if it has none. */
  at(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return UNLISTED;
    let entry = this.#first[this.#slotOf(bytes, start, end)] as number;
    while (entry !== 0) {
      if (this.#is(entry, bytes, start, end)) return this.#numbers[entry] as number;
      entry = this.#next[entry] as number;
    }
    return UNLISTED;
  }

  #is(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    let known = this.#ends[entry - 1] as number;
    if ((this.#ends[entry] as number) - known !== end - start) return false;
    const names = this.#names;
    for (let at = start; at < end; at++, known++) {
      if (FOLD[bytes[at] as number] !== names[known]) return false;
    }
    return true;
  }

  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const first = FOLD[bytes[start] as number] as number;
    const last = FOLD[bytes[end - 1] as number] as number;
    return ((end - start) * 7 + first * 13 + last * 29) & (this.#first.length - 1);
  }
}

/** A power of two, of which at least three quarters stay empty. */
function slotsFor(names: number): number {
  return 2 ** Math.ceil(Math.log2(names * 4 + 1));
}
