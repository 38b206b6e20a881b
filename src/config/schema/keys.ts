import * as v from "valibot";
import type { Schema } from "./run.ts";

/**
 * The keys of an object, each with its docstring, which is given here and nowhere else: what editors show, the JSON
 * Schema and the reference are made of it. So it says what the value does and its unit, and no default: that is added.
 */

type Documented<S extends Schema> = v.SchemaWithPipe<
  readonly [S, v.DescriptionAction<v.InferOutput<S>, string>]
>;

/** A key that has to be there. */
export function required<S extends Schema>(doc: string, schema: S): Documented<S> {
  return v.pipe(schema, v.description(doc)) as Documented<S>;
}

/** A key with a default, which is written as a user would write it. */
export function withDefault<S extends Schema, const Value extends v.InferInput<S>>(
  doc: string,
  schema: S,
  value: Value,
): v.OptionalSchema<Documented<S>, Value> {
  return v.optional(required(doc, schema), value as never) as v.OptionalSchema<Documented<S>, Value>;
}

/**
 * A key that may be left out, and has no fixed default.
 *
 * @param otherwise What is without it, in words: `the backend's own host and port`.
 */
export function optional<S extends Schema>(
  doc: string,
  schema: S,
  otherwise: string,
): v.OptionalSchema<Documented<S>, undefined> {
  return { ...v.optional(required(doc, schema)), otherwise } as v.OptionalSchema<Documented<S>, undefined>;
}

/** What types, JSON Schema and the reference know of a schema that has a name. */
export interface Named {
  readonly name: string;
  readonly doc: string;
  /** The name of one whose keys it has too, and more; or undefined. */
  readonly base: string | undefined;
}

/** Gives a schema a name, by which types and the reference call it, and a docstring. */
export function named<S extends Schema>(
  name: string,
  doc: string,
  schema: S,
  { base }: { readonly base?: string } = {},
): S & Named {
  return { ...schema, name, doc, base };
}

type DefaultOf<S> = S extends v.OptionalSchema<infer _, infer Value> ? Value : undefined;

/** The defaults of keys that have a fixed one, by their names. */
export type Defaults<Entries extends v.ObjectEntries> = {
  readonly [Key in keyof Entries as DefaultOf<Entries[Key]> extends undefined ? never : Key]: DefaultOf<
    Entries[Key]
  >;
};

/** The defaults of keys that have a fixed one: for flags, and for what fills in more than a schema can. */
export function defaultsOf<Entries extends v.ObjectEntries>(entries: Entries): Defaults<Entries> {
  const all = Object.entries(entries).flatMap(([key, entry]) =>
    "default" in entry && entry.default !== undefined ? [[key, entry.default]] : [],
  );
  return Object.fromEntries(all) as Defaults<Entries>;
}
