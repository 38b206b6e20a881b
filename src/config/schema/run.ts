import * as v from "valibot";

/** Any schema that runs at once: a promise has no place in a config. */
export type Schema = v.GenericSchema;

/** What a schema makes of a value: the output, or issues. */
export type Dataset = v.OutputDataset<unknown, v.BaseIssue<unknown>>;

type Run = (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => Dataset;

/**
 * A schema of valibot's that runs in another way. What others read of it stays: its kind, its entries or its options,
 * which is what JSON Schema, types and docs are made of.
 */
export function runBy<S>(schema: Schema, run: Run): S {
  const own = { ...schema, "~run": run };
  const validate = (value: unknown) => run({ value }, v.getGlobalConfig());
  return { ...own, "~standard": { ...schema["~standard"], validate } } as S;
}

/** The dataset of a value that is right. */
export function passed(value: unknown): Dataset {
  return { typed: true, value };
}

/** The dataset of a value that is not. */
export function failed(value: unknown, issues: v.BaseIssue<unknown>[]): Dataset {
  const [first, ...rest] = issues;
  if (first === undefined) return passed(value);
  return { typed: false, value, issues: [first, ...rest] };
}

/** @param at The key that it is about, if it is of the object's rather than of a value's. */
export function issue(type: string, input: unknown, message: string, at?: string): v.BaseIssue<unknown> {
  const path = at === undefined ? undefined : ([pathItem(input, at, undefined)] as [v.IssuePathItem]);
  const expected = at === undefined ? null : UNKNOWN_KEY;
  return { kind: "schema", type, input, expected, received: "", message, ...(path && { path }) };
}

/** What an issue expects of a key that should not be there. Its sentence is about what the key is in. */
export const UNKNOWN_KEY = "never";

/** The issues of a value, as issues of the object or list that it is in. */
export function inside(
  issues: readonly v.BaseIssue<unknown>[],
  input: unknown,
  key: string | number,
  value: unknown,
): v.BaseIssue<unknown>[] {
  const item = pathItem(input, key, value);
  return issues.map((found) => ({ ...found, path: [item, ...(found.path ?? [])] }));
}

function pathItem(input: unknown, key: string | number, value: unknown): v.IssuePathItem {
  return { type: "unknown", origin: "value", input, key, value };
}

/** A value as a sentence shows it, no longer than a line. */
export function found(value: unknown): string {
  const text = shown(value);
  return `found ${text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`}`;
}

const LONGEST_SHOWN = 200;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (value instanceof RegExp) return String(value);
  if (typeof value !== "object" && typeof value !== "string") return String(value);
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    // It holds itself, or a big integer, or something else that is in no file: that it is an object says enough.
    return "an object";
  }
}
