/** Where in a config something is: keys, and positions in lists. */
export type ConfigPath = readonly (string | number)[];

/** Where something is written. */
export interface WrittenAt {
  readonly file: string;
  /** From 1, as `column` is; neither is there if only the file is known. */
  readonly line?: number;
  /** In UTF-16 code units, as editors count. */
  readonly column?: number;
}

/** One mistake in a config. */
export interface ConfigProblem {
  /** Where it is. Of a key that is not known, the key itself. Empty: the whole, or not in a config at all. */
  readonly path: ConfigPath;
  /** What the sentence begins with: `pools.api.retries`. Empty: the message is the whole sentence. */
  readonly place: string;
  /** What was found, and what was expected: the sentence without its place. */
  readonly message: string;
  /** Where that is written, if it is known. */
  readonly at?: WrittenAt;
}

/** The problem as a sentence: `FILE:LINE:COLUMN: PLACE: found X, expected Y; did you mean Z?`, without what is not known. */
export function problemSentence({ place, message, at }: ConfigProblem): string {
  return [at === undefined ? "" : placeText(at), place, message].filter((part) => part !== "").join(": ");
}

/** `lb.yaml:12:7`, or the file alone. */
export function placeText({ file, line, column }: WrittenAt): string {
  return line === undefined ? file : `${file}:${line}:${column}`;
}

/**
 * Mistakes in what the user wrote, each told in one sentence that names the place, what was found and what was
 * expected. The message is these sentences, one a line.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** All of them; at least one. */
  readonly problems: readonly ConfigProblem[];

  /** @param problems The mistakes; or the whole sentence on one that is not in a config: of a flag, say. */
  constructor(problems: string | readonly ConfigProblem[]) {
    const all = typeof problems === "string" ? [{ path: [], place: "", message: problems }] : problems;
    super(all.map(problemSentence).join("\n"));
    this.problems = all;
  }
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
