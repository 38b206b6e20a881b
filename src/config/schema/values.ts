import * as v from "valibot";
import { type Cidr, readCidr } from "../cidr.ts";
import { didYouMean } from "../problem.ts";
import { failed, found, issue, passed, runBy, type Schema } from "./run.ts";

/**
 * The values that a config is made of. A new part of the config is written so:
 *
 *     export const queueSchema = named("QueueConfig", "Where requests wait for a backend that is full.", objectOf({
 *       most: withDefault("How many wait at once.", wholeNumber(1, 1_000_000), 100),
 *       timeoutMs: withDefault("How long one waits, in milliseconds.", milliseconds(1), 1_000),
 *       by: optional("What the lines are kept apart by.", oneOf(["ip", "route"]), "one line for all"),
 *     }));
 *     export type QueueConfig = v.InferInput<typeof queueSchema>;   // what a user writes
 *     export type QueueRules = v.InferOutput<typeof queueSchema>;   // checked, with every default
 *
 *     const rules = check(queueSchema, { most: 0 }, "queue");
 *     // ConfigError: queue.most: found 0, expected a whole number from 1 to 1000000
 *
 * Shapes are in shapes.ts (`objectOf`, `listOf`, `recordOf`, `either`, `orFalse`), keys with their docstrings and
 * defaults in keys.ts (`required`, `withDefault`, `optional`, `named`), `check` in check.ts. What takes several keys
 * to judge is a `v.rawCheck` in a `v.pipe` behind the object: it runs when all keys are right by themselves, and its
 * `addIssue({ message, path })` names the key, by `at` below. A message is the sentence without its place.
 */

type Message = (found: { readonly input: unknown }) => string;

/** The message of a value that should be something else. */
export function expecting(expected: string): Message {
  return ({ input }) => `${found(input)}, expected ${expected}`;
}

/** Where in an object a check of several keys found something wrong, for `addIssue`. */
export function at(input: object, key: string): { path: [v.IssuePathItem] } {
  const value = (input as Record<string, unknown>)[key];
  return { path: [{ type: "object", origin: "value", input: input as Record<string, unknown>, key, value }] };
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number) {
  const message = expecting(`a whole number from ${least} to ${most}`);
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A number of bytes: whole, from `least` to `most`. */
export const sizeBytes = wholeNumber;

/** A number from `least` to `most`. */
export function decimal(least: number, most: number) {
  const message = expecting(`a number from ${least} to ${most}`);
  return v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
}

/** A number above `least`, and up to `most`. */
export function decimalAbove(least: number, most: number) {
  const message = expecting(`a number above ${least} and up to ${most}`);
  return v.pipe(v.number(message), v.gtValue(least, message), v.maxValue(most, message));
}

/** The longest delay that the runtimes' timers take: 2³¹ − 1 ms, about 24 days. */
const LONGEST_MS = 2_147_483_647;

/** A time in milliseconds, at least `least`, that a timer takes. */
export function milliseconds(least: number) {
  const message = expecting(`a number of milliseconds, at least ${least}`);
  return v.pipe(v.number(message), v.minValue(least, message), v.maxValue(LONGEST_MS, message));
}

/** True or false. */
export function yesOrNo() {
  return v.boolean(expecting("true or false"));
}

/** One of these words or numbers. The nearest one is named to who misspelt it. */
export function oneOf<const Words extends readonly (string | number)[]>(words: Words) {
  const known = [...new Set(words.map(String))];
  return v.picklist(words, ({ input }) => {
    const near = known.length > 1 && isWord(input) ? didYouMean(String(input), known) : "";
    return `${found(input)}, expected ${orList(known)}${near}`;
  });
}

function isWord(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** A text that matches a pattern; without one, any. @param expected The same in words. */
export function text(expected: string, pattern = /^/) {
  const message = expecting(expected);
  return v.pipe(v.string(message), v.regex(pattern, message));
}

/** A path of a URL. @param example One that would do. */
export function urlPath(example: string) {
  // A fragment never reaches a server, and other characters would be changed on the way (RFC 3986 §3.3).
  return text(`a path that begins with /, such as ${example}`, /^\/[\x21\x22\x24-\x7e]*$/);
}

/** The name of a header field or of a cookie (RFC 9110 §5.1, RFC 6265 §4.1.1). */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The name of a header field, made lower case. @param expected The same in words. */
export function headerName(expected = "the name of a header, such as x-user") {
  return v.pipe(text(expected, TOKEN), v.toLowerCase());
}

/** The value of a header field (RFC 9110 §5.5). */
export function headerValue() {
  return text("a text in one line", /^[\t\x20-\x7e\x80-\xff]*$/);
}

/** A range of addresses: `10.0.0.0/8`, `::1`. */
export function cidr() {
  const message = expecting("an address or a range such as 10.0.0.0/8 or fd00::/8");
  return v.pipe(
    v.string(message),
    v.rawTransform<string, Cidr>(({ dataset, addIssue, NEVER }) => {
      const range = dataset.typed ? readCidr(dataset.value) : undefined;
      if (range !== undefined) return range;
      addIssue({ message: message({ input: dataset.value }) });
      return NEVER;
    }),
  );
}

/** How a pattern is written where there are no regular expressions: in a file. */
export interface PatternText {
  /** A regular expression as ECMAScript has it. */
  readonly pattern: string;
  /** Its flags: `i` does not tell upper from lower case. */
  readonly flags?: string;
}

const REG_EXP: TypeText = { type: "RegExp | { readonly pattern: string; readonly flags?: string }" };

/** A regular expression: a `RegExp`, or `{ pattern, flags }` in files. */
export function regExp() {
  const message = expecting("a regular expression, or { pattern } with one");
  const schema = v.union([
    v.instance(RegExp),
    v.strictObject({ pattern: v.string(), flags: v.optional(v.string()) }),
  ]);
  return runBy<v.GenericSchema<RegExp | PatternText, RegExp>>(typed(schema, REG_EXP), ({ value }) => {
    if (value instanceof RegExp) return passed(value);
    const parts = v.safeParse(schema.options[1], value);
    if (!parts.success) return failed(value, [issue("union", value, message({ input: value }))]);
    try {
      return passed(new RegExp(parts.output.pattern, parts.output.flags ?? ""));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return failed(value, [issue("union", value, `${message({ input: value })}: ${why}`)]);
    }
  });
}

/** How a type is written in TypeScript, and what has to be imported for it: from where to which names. */
export interface TypeText {
  readonly type: string;
  readonly imports?: Readonly<Record<string, readonly string[]>>;
}

/** The same schema, which is known to TypeScript as another type: of a text, say, of which it checks the form. */
export function typed<Input, Output = Input>(
  schema: Schema,
  typeText: TypeText,
): v.GenericSchema<Input, Output> {
  return { ...schema, typeText } as unknown as v.GenericSchema<Input, Output>;
}

/**
 * A function, which only TypeScript has: a JSON Schema leaves it out.
 *
 * @param typeText Its type, for the types that are made of the schema.
 * @param expected What it has to be, in words.
 */
export function functionOf<F>(typeText: TypeText, expected: string): v.CustomSchema<F, Message> {
  const schema: Schema = v.custom<F>((value) => typeof value === "function", expecting(expected));
  return { ...schema, typeText } as unknown as v.CustomSchema<F, Message>;
}

/** The same schema, of a value that is nobody's to see: a config that is printed says no more than that there is one. */
export function secret<S extends Schema>(schema: S): S {
  return { ...schema, isSecret: true };
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
