import * as v from "valibot";
import { named, required } from "../schema/keys.ts";
import { either, objectOf } from "../schema/shapes.ts";
import { expecting, regExp, text } from "../schema/values.ts";

type Written = v.InferInput<ReturnType<typeof regExp>>;

/** A text is an expression too: in a file it is the shortest way to write one. */
const pattern = v.pipe(
  either(
    [
      v.pipe(
        text("a regular expression"),
        v.transform((source): Written => ({ pattern: source })),
        regExp(),
      ),
      regExp(),
    ],
    (value) => (typeof value === "string" ? 0 : 1),
  ),
  v.check(
    ({ global, sticky }) => !global && !sticky,
    expecting("it without the flags g and y: a path is rewritten once"),
  ),
);

/** Options of the middleware `rewrite`. */
export const rewriteSchema = named(
  "RewriteConfig",
  "How a path is rewritten. The query stays; a path in which the pattern is not found passes as it is.",
  objectOf({
    pattern: required(
      "What is looked for in the path, escapes and all. Beware of expressions such as `(a+)+`: some paths take them for ever.",
      pattern,
    ),
    to: required(
      "What takes the place of what was found: `$1`, `$<name>` and `$&` stand for parts of it. May have a query, which comes before the request's own.",
      text("a text without line ends, such as /users/$1", /^[^\p{Cc}]*$/u),
    ),
  }),
);

/** What a user writes. */
export type RewriteConfig = v.InferInput<typeof rewriteSchema>;
