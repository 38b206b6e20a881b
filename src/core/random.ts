/** Randomness as the core sees it: handed in, so that a run can be repeated from its seed. */

/** A source of random whole numbers. */
export interface Random {
  /** A whole number in `[0, n)`, every one equally likely. `n` is a whole number of at least 1. */
  below(n: number): number;
}

/**
 * A generator that gives the same numbers for the same seed, for tests and simulations. Not for secrets.
 *
 * SplitMix32: a Weyl sequence put through a 32-bit finaliser (Steele, Lea and Flood, "Fast Splittable
 * Pseudorandom Number Generators", OOPSLA 2014, with the constants of MurmurHash3's finaliser).
 *
 * @param seed Any whole number; only its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(n) {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      mixed = (mixed ^ (mixed >>> 16)) >>> 0;
      return Math.floor((mixed / 0x1_0000_0000) * n);
    },
  };
}
