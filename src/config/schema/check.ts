import * as v from "valibot";
import { ConfigError, type ConfigPath, type ConfigProblem } from "../problem.ts";
import type { PathItem, Schema } from "./run.ts";

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

function problemOf({ path, message }: v.BaseIssue<unknown>, before: ConfigPath): ConfigProblem {
  const items: readonly PathItem[] = path ?? [];
  const said = items.filter(({ isUnsaid }) => isUnsaid !== true);
  return {
    path: [...before, ...items.map(keyOf)],
    place: placeOf([...before, ...said.map(keyOf)]),
    message,
  };
}

function keyOf({ key }: PathItem): string | number {
  return key as string | number;
}

/** A path as it is written: `routes[3].match.path`. */
export function placeOf(path: ConfigPath): string {
  if (path.length === 0) return "config";
  return path.reduce<string>(
    (place, key) => (typeof key === "number" ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`),
    "",
  );
}
