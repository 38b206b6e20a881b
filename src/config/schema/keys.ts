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

/** What a schema is called where types and the reference name it. */
export function named<S extends Schema>(
  name: string,
  doc: string,
  schema: S,
): S & { readonly name: string; readonly doc: string } {
  return { ...schema, name, doc };
}
