import { ConfigError, didYouMean } from "./problem.ts";

/**
 * The checks that every value of a config goes through. Each takes the place, which is what a mistake in it is
 * called by, and the value, which may come from a file where nothing has checked its type.
 */

/** @throws ConfigError for a key that is not known. */
export function checkKeys(place: string, config: object, known: readonly string[]): void {
  for (const key of Object.keys(config)) {
    if (!known.includes(key)) {
      const near = didYouMean(key, known);
      throw new ConfigError(
        `${place}: found the unknown key "${key}"${near || `, expected ${known.join(", ")}`}`,
      );
    }
  }
}

/** The values that were given, and the defaults of the others; one that is undefined was not given. */
export function filled<T extends object>(config: Partial<T>, defaults: T): T {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/**
 * @param alternative What else it may be, for the error: ` or false`.
 * @throws ConfigError for anything that is not an object.
 */
export function checkObject(place: string, value: unknown, alternative = ""): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected an object${alternative}`);
}

/** @throws ConfigError for a word that is not known. */
export function checkWord(place: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  const near = known.length > 1 ? didYouMean(word, known) : "";
  throw new ConfigError(`${place}: found "${word}", expected ${orList(known)}${near}`);
}

/**
 * @param example A path that would do.
 * @throws ConfigError for anything but a path.
 */
export function checkPath(place: string, path: string, example: string): void {
  // A fragment never reaches a server, and other characters would be changed on the way (RFC 3986 §3.3).
  if (typeof path === "string" && /^\/[\x21\x22\x24-\x7e]*$/.test(path)) return;
  throw new ConfigError(`${place}: found "${path}", expected a path that begins with /, such as ${example}`);
}

/** @throws ConfigError for anything but a list. */
export function list<T>(place: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected a list`);
}

/** @throws ConfigError for anything but true and false. */
export function yesOrNo(place: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected true or false`);
}

/** @throws ConfigError unless it is a whole number from `least` to `most`. */
export function wholeNumber(place: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConfigError(`${place}: found ${value}, expected a whole number from ${least} to ${most}`);
}

/** @throws ConfigError unless it is a number from `least` to `most`. */
export function numberWithin(place: string, value: number, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new ConfigError(`${place}: found ${value}, expected a number from ${least} to ${most}`);
}

/** @throws ConfigError unless it is a number of milliseconds that a timer takes, and at least `least`. */
export function milliseconds(place: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least && value <= 2_147_483_647) return value;
  throw new ConfigError(`${place}: found ${value}, expected a number of milliseconds, at least ${least}`);
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
