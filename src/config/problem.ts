/** A mistake in what the user wrote, told in one sentence that names the place, what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * The candidate spelt most like `word`, if any is close enough to be what was meant: at most a third of
 * the letters differ, counting insertions, deletions, replacements and swaps of neighbours as one each.
 */
export function nearestSpelling(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best !== undefined && bestDistance <= Math.max(1, Math.round(best.length / 3)) ? best : undefined;
}

/** `, did you mean X?` or a plain end of sentence. */
export function didYouMean(word: string, candidates: Iterable<string>, prefix = ""): string {
  const nearest = nearestSpelling(word, candidates);
  return nearest === undefined ? "" : `; did you mean ${prefix}${nearest}?`;
}

/** Optimal string alignment distance (Damerau 1964, without repeated edits of one place). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
