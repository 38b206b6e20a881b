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

/** A step of a path, which the sentence's place may leave out: what was found says it. */
export type PathItem = v.IssuePathItem & { readonly isUnsaid?: boolean };

/**
 * Something wrong with a value.
 *
 * @param at The key that it is about, where that is not the value's place but in the message: one that is not known.
 */
export function issue(type: string, input: unknown, message: string, at?: string): v.BaseIssue<unknown> {
  const path = at === undefined ? undefined : ([pathItem(input, at, undefined, true)] as [PathItem]);
  return { kind: "schema", type, input, expected: null, received: "", message, ...(path && { path }) };
}

/**
 * The issues of a value, as issues of the object or list that it is in.
 *
 * @param isUnsaid Whether their places leave this step out. Default false.
 */
export function inside(
  issues: readonly v.BaseIssue<unknown>[],
  input: unknown,
  key: string | number,
  value: unknown,
  isUnsaid = false,
): v.BaseIssue<unknown>[] {
  const item = pathItem(input, key, value, isUnsaid);
  return issues.map((found) => ({ ...found, path: [item, ...(found.path ?? [])] }));
}

/** A step of a path, for issues that are put together by hand. */
export function pathItem(input: unknown, key: string | number, value: unknown, isUnsaid = false): PathItem {
  return { type: "unknown", origin: "value", input, key, value, isUnsaid };
}

/** A value as a sentence shows it, no longer than a line. */
export function found(value: unknown): string {
  return `found ${cut(shown(value))}`;
}

/** A text without quotation marks, as a sentence shows it: no longer than a line, and control characters escaped. */
export function bare(text: string): string {
  return cut(JSON.stringify(text).slice(1, -1));
}

const LONGEST_SHOWN = 200;

function cut(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

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
