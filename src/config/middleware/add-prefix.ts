import * as v from "valibot";
import { named, required } from "../schema/keys.ts";
import { either, objectOf } from "../schema/shapes.ts";
import { pathPrefix } from "./path-prefix.ts";

/** What is put before a path, with options. */
export const addPrefixOptionsSchema = named(
  "AddPrefixOptions",
  "What is put before a path.",
  objectOf({ prefix: required("The prefix.", pathPrefix()) }),
);

/** Options of the middleware `addPrefix`. */
export const addPrefixSchema = named(
  "AddPrefixConfig",
  "What is put before a path: the prefix alone will do.",
  either(
    [
      v.pipe(
        pathPrefix(),
        v.transform((prefix) => ({ prefix })),
      ),
      addPrefixOptionsSchema,
    ],
    (value) => (typeof value === "string" ? 0 : 1),
  ),
);

/** What a user writes. */
export type AddPrefixConfig = v.InferInput<typeof addPrefixSchema>;
