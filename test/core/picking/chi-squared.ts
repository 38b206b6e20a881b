/**
 * How unlikely these counts are if each case has its part of the chance: Pearson's χ², against the value that true
 * chance exceeds once in 10,000 runs (Wilson and Hilferty's approximation). Seeds are fixed, so a test that
 * passes does so for ever.
 */
export function isByChance(counts: readonly number[], parts: readonly number[]): boolean {
  const drawn = counts.reduce((sum, count) => sum + count, 0);
  const total = parts.reduce((sum, part) => sum + part, 0);
  let chiSquared = 0;
  for (const [index, count] of counts.entries()) {
    const expected = (drawn * (parts[index] as number)) / total;
    chiSquared += (count - expected) ** 2 / expected;
  }
  const freedom = counts.length - 1;
  const ninth = 2 / (9 * freedom);
  return chiSquared < freedom * (1 - ninth + 3.719 * Math.sqrt(ninth)) ** 3;
}
