import * as v from "valibot";
import { named, required, withDefault } from "../schema/keys.ts";
import { either, objectOf } from "../schema/shapes.ts";
import { yesOrNo } from "../schema/values.ts";
import { pathPrefix } from "./path-prefix.ts";

/** What is taken off the beginning of a path, with options. */
export const stripPrefixOptionsSchema = named(
  "StripPrefixOptions",
  "What is taken off the beginning of a path.",
  objectOf({
    prefix: required("The prefix: whole segments, so that `/api` is no prefix of `/apix`.", pathPrefix()),
    forwardedPrefix: withDefault(
      "Whether the backend is told in `X-Forwarded-Prefix` what was taken off.",
      yesOrNo(),
      false,
    ),
  }),
);

/** Options of the middleware `stripPrefix`. */
export const stripPrefixSchema = named(
  "StripPrefixConfig",
  "What is taken off the beginning of a path: the prefix alone will do. Other paths pass as they are.",
  either(
    [
      v.pipe(
        pathPrefix(),
        v.transform((prefix) => ({ prefix, forwardedPrefix: false })),
      ),
      stripPrefixOptionsSchema,
    ],
    (value) => (typeof value === "string" ? 0 : 1),
  ),
);

/** What a user writes. */
export type StripPrefixConfig = v.InferInput<typeof stripPrefixSchema>;
