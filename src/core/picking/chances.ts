import type { Backend } from "../backend.ts";

/** How likely each is to be drawn, if that goes by weight. */
export function chancesByWeight(backends: readonly Backend[]): number[] {
  const total = totalWeight(backends);
  return backends.map(({ weight }) => weight / total);
}

/**
 * How likely each is to be taken where two different ones are drawn by weight, one after the other, and the second is
 * taken if it costs less than the first: in O(n log n), though there are n² pairs.
 *
 * @param backends At least one.
 * @param costs In their order.
 */
export function chancesOfTwo(backends: readonly Backend[], costs: readonly number[]): number[] {
  if (backends.length === 1) return [1];
  const total = totalWeight(backends);
  const chances = new Array<number>(backends.length).fill(0);
  const costOf = (index: number) => costs[index] as number;
  const weightOf = (index: number) => (backends[index] as Backend).weight;
  const places = backends.map((_, index) => index).sort((a, b) => costOf(b) - costOf(a));
  // Of those that cost more than the ones at hand: their weight, and how likely each is to be drawn just before one
  // of unit weight, times the total.
  let dearer = 0;
  let dearerBefore = 0;
  for (let start = 0; start < places.length; ) {
    let end = start;
    while (end < places.length && costOf(places[end] as number) === costOf(places[start] as number)) end++;
    const alike = places.slice(start, end);
    const weight = alike.reduce((sum, index) => sum + weightOf(index), 0);
    for (const index of alike) {
      const own = weightOf(index);
      const asFirst = (dearer + weight - own) / (total - own);
      chances[index] = rounded((own / total) * (asFirst + dearerBefore));
    }
    dearer += weight;
    for (const index of alike) dearerBefore += weightOf(index) / (total - weightOf(index));
    start = end;
  }
  return chances;
}

/** A sum of fractions without what rounding has left: what is certain is 1. */
export function rounded(chance: number): number {
  return Math.round(chance * 1e12) / 1e12;
}

function totalWeight(backends: readonly Backend[]): number {
  return backends.reduce((sum, { weight }) => sum + weight, 0);
}
