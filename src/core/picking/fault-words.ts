/** What somebody's picker has thrown, in words for a log. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : nameOf(error);
}

/** What a program that nothing checked may have returned or thrown, in a word. */
export function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return `${typeof value} ${String(value)}`;
  const { origin } = value as { origin?: unknown };
  return typeof origin === "string" ? origin : "an object that is no backend";
}
