import { type Random, seededRandom } from "../core/random.ts";

/**
 * Chance for one run, all of it from one seed, in streams that have nothing to do with each other: the clients of
 * two runs with one seed ask for the same things at the same moments, whatever the balancer draws in between.
 * Two algorithms are then compared on the same traffic, and what differs is theirs.
 */
export const STREAMS = ["clients", "conditions", "crashes", "faults", "picks", "checks"] as const;

/** One of the words above. */
export type Stream = (typeof STREAMS)[number];

/** How far apart two streams begin, in draws: none meets another before it has drawn so many. */
export const STREAM_DRAWS = 2 ** 29;

/** What the seeded generator's state moves by from one draw to the next. */
const WEYL = 0x9e3779b9;

/** One of the streams of a seed. */
export function streamOf(seed: number, stream: Stream): Random {
  // The generator's state is its seed plus so many times the constant: to begin further on is to add that.
  const ahead = Math.imul(WEYL, STREAM_DRAWS * STREAMS.indexOf(stream));
  return seededRandom((seed + ahead) >>> 0);
}

/** A number between 0 and 1, both excluded, every one equally likely. */
export function uniform(random: Random): number {
  return (random.below(0x1_0000_0000) + 0.5) / 0x1_0000_0000;
}

/** True in so large a share of all cases: 0 is never, 1 always. */
export function happens(random: Random, share: number): boolean {
  return share > 0 && uniform(random) < share;
}

/** So many different numbers below `n`, in ascending order. Robert Floyd's way (Bentley, "Programming Pearls", CACM 1987). */
export function sample(random: Random, count: number, n: number): number[] {
  const chosen = new Set<number>();
  for (let last = n - count; last < n; last++) {
    const drawn = random.below(last + 1);
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}
