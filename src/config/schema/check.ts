import * as v from "valibot";
import { ConfigError, type ConfigPath, type ConfigProblem } from "../problem.ts";
import { type Schema, UNKNOWN_KEY } from "./run.ts";

/**
 * Checks a value by a schema and fills in the defaults.
 *
 * @param at Where in the config it is, for the problems. Default: it is all of it.
 * @returns What the schema makes of it.
 * @throws ConfigError with all that is wrong with it.
 */
export function check<S extends Schema>(
  schema: S,
  value: unknown,
  at: ConfigPath | string = [],
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  const before = typeof at === "string" ? [at] : at;
  throw new ConfigError(result.issues.map((found) => problemOf(found, before)));
}

function problemOf({ path, expected, message }: v.BaseIssue<unknown>, before: ConfigPath): ConfigProblem {
  const own: readonly v.IssuePathItem[] = path ?? [];
  const whole = [...before, ...own.map(({ key }) => key as string | number)];
  const said = expected === UNKNOWN_KEY ? whole.slice(0, -1) : withoutShown(whole, own.at(-1));
  return { path: whole, place: placeOf(said), message };
}

/** The place of a word in a list is the list: what was found says which it is. */
function withoutShown(path: ConfigPath, last: v.IssuePathItem | undefined): ConfigPath {
  const isShown = typeof last?.value !== "object" || last.value === null;
  return typeof path.at(-1) === "number" && isShown ? path.slice(0, -1) : path;
}

/** A path as it is written: `routes[3].match.path`. */
export function placeOf(path: ConfigPath): string {
  if (path.length === 0) return "config";
  return path.reduce<string>(
    (place, key) => (typeof key === "number" ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`),
    "",
  );
}
