import { ConfigError, type ConfigPath, type ConfigProblem } from "../config/problem.ts";
import { placeOf } from "../config/schema/check.ts";

/**
 * Does what reads files that keys of a config name, and takes in what is wrong with one as a problem of its key.
 *
 * @param paths The keys' paths: by one of their places the sentence of a `ConfigError` begins.
 * @param problems Takes it in.
 * @returns Undefined if something was wrong.
 */
export function withFileProblems<T>(
  paths: readonly ConfigPath[],
  problems: ConfigProblem[],
  act: () => T,
): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message } = error;
    const path = paths.find((one) => message.startsWith(`${placeOf(one)}: `));
    if (path === undefined) throw error;
    const place = placeOf(path);
    problems.push({ path, place, message: message.slice(place.length + ": ".length) });
    return undefined;
  }
}
