/**
 * A 32-bit hash of a text, the same in every process and on every machine: balancers that know the same
 * backends send a key to the same one.
 *
 * FNV-1a over the text's UTF-16 units (Fowler, Noll and Vo), then MurmurHash3's finaliser, without which texts that
 * differ at their end alone would stay close together.
 *
 * Whoever can choose keys can find some that fall together; against that there is a limit on load, not a secret,
 * since a secret would have to be everywhere the same.
 *
 * @param seed Gives another hash of the same text. Default 0.
 */
export function keyHash(text: string, seed = 0): number {
  let hash = FNV_OFFSET ^ seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return mixed(hash);
}

/** The hash after this one in a sequence that looks like chance (SplitMix32, as in `seededRandom`). */
export function nextHash(hash: number): number {
  return mixed(hash + GOLDEN_RATIO);
}

function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const GOLDEN_RATIO = 0x9e3779b9;
