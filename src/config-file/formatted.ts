import { type ConfigProblem, problemSentence } from "../config/problem.ts";
import type { ConfigSource } from "./source.ts";
import type { Place } from "./text-place.ts";

/**
 * Each problem as a sentence with its place in the file, `lb.yaml:12:7: pools.api.retries: found "x", expected …`, in
 * the order of the places; of a file without places, `lb.config.ts: pools.api.retries: …`, in their own order.
 */
export function formatProblems(problems: readonly ConfigProblem[], source: ConfigSource): string[] {
  return inFile(problems, source).map(problemSentence);
}

/** The problems, each with its place in the file, in the order of the places as far as the file has any. */
export function inFile(problems: readonly ConfigProblem[], source: ConfigSource): ConfigProblem[] {
  return problems
    .map((problem) => ({ ...problem, at: { file: source.file, ...placeOf(problem, source) } }))
    .toSorted((a, b) => (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0));
}

function placeOf({ path, place }: ConfigProblem, source: ConfigSource): Place | undefined {
  // What is missing is missing from something: its key says more than where its first value begins.
  if (!source.has(path)) return source.where(path, "key");
  const last = path.at(-1);
  // The sentence on a key that should not be there is about what it is in, and the path is its own.
  const isAboutKey = typeof last === "string" && place !== last && !place.endsWith(`.${last}`);
  return source.where(path, isAboutKey ? "key" : "value");
}
