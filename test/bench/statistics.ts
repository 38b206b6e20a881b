/** The few statistics that a noisy machine calls for: middles and ranges, never means. */

/** The middle value; the mean of the two middle ones of an even number. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** What several measurements of one thing say. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle and the range. All NaN or infinite of nothing. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * The middle and range of `a / b`, round by round: what disturbs the machine for a while disturbs both
 * sides of one round, and cancels out. Undefined if no round has both.
 */
export function ratioOf(
  a: readonly (number | undefined)[],
  b: readonly (number | undefined)[],
): Spread | undefined {
  return byRound(a, b, (numerator, denominator) => numerator / denominator);
}

/** The middle and range of `a - b` in the same way. */
export function differenceOf(
  a: readonly (number | undefined)[],
  b: readonly (number | undefined)[],
): Spread | undefined {
  return byRound(a, b, (minuend, subtrahend) => minuend - subtrahend);
}

function byRound(
  a: readonly (number | undefined)[],
  b: readonly (number | undefined)[],
  compare: (a: number, b: number) => number,
): Spread | undefined {
  const compared: number[] = [];
  for (const [round, left] of a.entries()) {
    const right = b[round];
    if (left !== undefined && right !== undefined) compared.push(compare(left, right));
  }
  return compared.length === 0 ? undefined : spreadOf(compared);
}
