/** The object without the keys that are undefined: an optional key is one that is not there. */
export function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The same; undefined if nothing is left. */
export function someOf<T extends object>(
  object: T,
): { [K in keyof T]: Exclude<T[K], undefined> } | undefined {
  const some = withoutUndefined(object);
  return Object.keys(some).length === 0 ? undefined : some;
}
