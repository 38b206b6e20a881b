import * as v from "valibot";
import { didYouMean } from "../problem.ts";
import { failed, found, inside, issue, passed, runBy, type Schema } from "./run.ts";

type Issue = v.BaseIssue<unknown>;
type Strict<Entries extends v.ObjectEntries> = v.StrictObjectSchema<Entries, undefined>;

/** A key that may be left out is left out, not undefined. */
type Exact<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> };

/** An object with these keys and no other. */
export interface ObjectSchema<Entries extends v.ObjectEntries>
  extends v.BaseSchema<Exact<v.InferInput<Strict<Entries>>>, Exact<v.InferOutput<Strict<Entries>>>, Issue> {
  readonly type: "strict_object";
  readonly entries: Entries;
}

/**
 * An object with these keys and no other. A key that is there without a value was not given. All that is wrong is
 * told, keys that are not known first.
 */
export function objectOf<const Entries extends v.ObjectEntries>(entries: Entries): ObjectSchema<Entries> {
  const names = Object.keys(entries);
  return runBy(v.strictObject(entries), ({ value }, config) => {
    if (!isObject(value)) return failed(value, [issue("strict_object", value, expectedObject(value))]);
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(entries, key));
    const issues = unknown.map((key) => issue("strict_object", value, unknownKey(key, names), key));
    const output: Record<string, unknown> = {};
    for (const name of names) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      const result = (entries[name] as Schema)["~run"]({ value: given }, config);
      if (result.issues) issues.push(...inside(result.issues, value, name, given));
      else if (result.value !== undefined) output[name] = result.value;
    }
    return failed(output, issues);
  });
}

/** A list of any length. */
export interface ListSchema<Item extends Schema>
  extends v.BaseSchema<readonly v.InferInput<Item>[], readonly v.InferOutput<Item>[], Issue> {
  readonly type: "array";
  readonly item: Item;
}

/**
 * A list of any length.
 *
 * @param expected What it has to be, for the error.
 * @param isTold Whether errors say by themselves which entry they are about, so that its index can be left out of
 *   their places. Default: a word does, as it is shown, and an object does not.
 */
export function listOf<Item extends Schema>(
  item: Item,
  expected = "a list",
  isTold: (entry: unknown) => boolean = isScalar,
): ListSchema<Item> {
  return runBy(v.array(item), ({ value }, config) => {
    if (!Array.isArray(value)) {
      return failed(value, [issue("array", value, `${found(value)}, expected ${expected}`)]);
    }
    const issues: Issue[] = [];
    const output = value.map((given: unknown, index) => {
      const result = item["~run"]({ value: given }, config);
      if (result.issues) issues.push(...inside(result.issues, value, index, given, isTold(given)));
      return result.value;
    });
    return failed(output, issues);
  });
}

/** Values by names that the user chooses. */
export interface RecordSchema<Value extends Schema>
  extends v.BaseSchema<
    Readonly<Record<string, v.InferInput<Value>>>,
    Readonly<Record<string, v.InferOutput<Value>>>,
    Issue
  > {
  readonly type: "record";
  readonly key: Schema;
  readonly value: Value;
}

/**
 * Values by names that the user chooses.
 *
 * @param name What a name has to look like.
 * @param expected The same in words, for the error: `found the name "a b", expected …`.
 */
export function recordOf<Value extends Schema>(
  name: RegExp,
  expected: string,
  item: Value,
): RecordSchema<Value> {
  // JSON Schema, for which the key is there alone, has no flags: of names that it takes more is told here.
  const key = v.pipe(v.string(), v.regex(name.flags === "" ? name : new RegExp(name.source)));
  return runBy(v.record(key, item), ({ value }, config) => {
    if (!isObject(value)) return failed(value, [issue("record", value, expectedObject(value))]);
    const issues: Issue[] = [];
    const output: [string, unknown][] = [];
    for (const [key, given] of Object.entries(value)) {
      if (!name.test(key)) {
        issues.push(
          issue("record", value, `found the name ${JSON.stringify(key)}, expected ${expected}`, key),
        );
        continue;
      }
      if (given === undefined) continue;
      const result = item["~run"]({ value: given }, config);
      if (result.issues) issues.push(...inside(result.issues, value, key, given));
      else output.push([key, result.value]);
    }
    return failed(Object.fromEntries(output), issues);
  });
}

/**
 * One of several kinds of values, told apart by how the value looks, so that an error is about the one that was meant.
 *
 * @param choose The index of the option that is to check the value.
 */
export function either<const Options extends readonly Schema[]>(
  options: Options,
  choose: (value: unknown) => number,
): v.UnionSchema<Options, undefined> {
  return runBy(v.union(options), ({ value }, config) =>
    (options[choose(value)] as Schema)["~run"]({ value }, config),
  );
}

/** The same, or `false`, which turns it off. An object's error says so; other options say it in their own words. */
export function orFalse<S extends Schema>(
  schema: S,
): v.UnionSchema<readonly [v.LiteralSchema<false, undefined>, S], undefined> {
  return runBy(v.union([v.literal(false), schema]), ({ value }, config) => {
    if (value === false) return passed(false);
    const result = schema["~run"]({ value }, config);
    const [first] = result.issues ?? [];
    if (first?.message.endsWith(AN_OBJECT) === true && first.path === undefined) {
      return failed(value, [{ ...first, message: `${first.message} or false` }]);
    }
    return result;
  });
}

const AN_OBJECT = "expected an object";

function expectedObject(value: unknown): string {
  return `${found(value)}, ${AN_OBJECT}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = didYouMean(key, known);
  return `found the unknown key ${JSON.stringify(key)}${near || `, expected ${known.join(", ")}`}`;
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

/** Whether it is something with keys. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
