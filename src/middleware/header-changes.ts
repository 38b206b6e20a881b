/** How fields are changed. Names are in lower case. */
export interface HeaderRules {
  /** Taken away first. */
  readonly remove: readonly string[];
  /** Each takes the place of all fields of its name. */
  readonly set: readonly HeaderField[];
  /** Each becomes one more field of its name. */
  readonly add: readonly HeaderField[];
}

/** A field: its name in lower case, and its value. */
export type HeaderField = readonly [name: string, value: string];

/** Changes fields as rules say. */
export function changeHeaders(headers: Headers, { remove, set, add }: HeaderRules): void {
  for (const name of remove) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  for (const [name, value] of add) headers.append(name, value);
}
