import * as v from "valibot";
import { named, optional } from "../schema/keys.ts";
import { objectOf } from "../schema/shapes.ts";
import { sizeBytes } from "../schema/values.ts";

/** 1 TiB. */
const MOST_BYTES = 1_099_511_627_776;

/** Options of the middleware `limits`. */
export const limitsSchema = named(
  "LimitsConfig",
  "How large messages may be.",
  v.pipe(
    objectOf({
      maxRequestBytes: optional(
        "The longest body of a request, in bytes; longer ones are answered with 413.",
        sizeBytes(0, MOST_BYTES),
        "no limit",
      ),
      maxResponseBytes: optional(
        "The longest body of an answer, in bytes. A longer one that says so becomes 502; one that does not breaks off.",
        sizeBytes(0, MOST_BYTES),
        "no limit",
      ),
      maxHeaderBytes: optional(
        "All header fields of a request together, in bytes; more are answered with 431. The server has a limit of its own before this one.",
        sizeBytes(1, 1_048_576),
        "no limit but the server's",
      ),
    }),
    v.check(
      (limits) => Object.keys(limits).length > 0,
      "found none, expected maxRequestBytes, maxResponseBytes or maxHeaderBytes",
    ),
  ),
);

/** What a user writes. */
export type LimitsConfig = v.InferInput<typeof limitsSchema>;
