import type { Random } from "../random.ts";
import { first } from "./first.ts";
import { GuardedPicker, type PickerFault } from "./guarded.ts";
import { HASH_BALANCE_FACTOR, hashing } from "./hashing.ts";
import { leastConnections } from "./least-connections.ts";
import { peakEwma } from "./peak-ewma.ts";
import type { ForeseeablePicker, KeySource, PickerFactory } from "./picker.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { roundRobin } from "./round-robin.ts";
import { weightedRandom } from "./weighted-random.ts";

/** What the algorithms can be told besides their names. */
export interface PickingRules {
  /** See `hashing`. Default 1.25. */
  readonly hashBalanceFactor?: number;
}

type Entry = (random: Random, rules: PickingRules) => ForeseeablePicker;

/** Every algorithm that has a plain name, by that name. A new one is its file and a line here. */
export const PICKERS = {
  "round-robin": roundRobin,
  random: weightedRandom,
  "least-connections": leastConnections,
  "power-of-two": powerOfTwo,
  "peak-ewma": peakEwma,
  first,
  "ip-hash": hashingBy("ip"),
  "uri-hash": hashingBy("uri"),
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of an algorithm, as flags and config use it. */
export type Algorithm = keyof typeof PICKERS | `header:${string}` | `cookie:${string}`;

/** The plain names. Two more begin with one of `KEYED_PREFIXES`, and go on with a name of the user's choice. */
export const ALGORITHMS = Object.keys(PICKERS) as readonly (keyof typeof PICKERS)[];

/** What the names of algorithms begin with that go by a header field's value, or by a cookie's. */
export const KEYED_PREFIXES = ["header:", "cookie:"] as const;

/**
 * Makes the picker of this name, or one of the user's own, which is then guarded.
 *
 * @param onFault Told once if a picker of the user's own does what it must not.
 */
export function createPicker(
  algorithm: Algorithm | PickerFactory,
  rules: PickingRules,
  random: Random,
  onFault: PickerFault,
): ForeseeablePicker {
  if (typeof algorithm === "function") return new GuardedPicker(algorithm(random), onFault);
  const entry: Entry = isKeyed(algorithm) ? hashingBy(algorithm) : PICKERS[algorithm];
  return entry(random, rules);
}

/** Makes pickers of this name, one for each tier. @param onFault Told once, since whoever made a mistake in one made it in all. */
export function pickersOf(
  algorithm: Algorithm | PickerFactory,
  rules: PickingRules,
  random: Random,
  onFault: PickerFault,
): () => ForeseeablePicker {
  let isFaultTold = false;
  const tellOnce: PickerFault = (reason) => {
    if (!isFaultTold) onFault(reason);
    isFaultTold = true;
  };
  return () => createPicker(algorithm, rules, random, tellOnce);
}

function isKeyed(algorithm: Algorithm): algorithm is Extract<Algorithm, KeySource> {
  return KEYED_PREFIXES.some((prefix) => algorithm.startsWith(prefix));
}

function hashingBy(keySource: KeySource): Entry {
  return (random, { hashBalanceFactor = HASH_BALANCE_FACTOR }) =>
    hashing(keySource, random, hashBalanceFactor);
}
