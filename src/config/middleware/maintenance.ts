import type * as v from "valibot";
import { named, optional, withDefault } from "../schema/keys.ts";
import { listOf, objectOf } from "../schema/shapes.ts";
import { cidr, headerValue, text, wholeNumber, yesOrNo } from "../schema/values.ts";

/** Options of the middleware `maintenance`. */
export const maintenanceSchema = named(
  "MaintenanceConfig",
  "How clients are put off with 503 while nothing is to be had.",
  objectOf({
    enabled: withDefault("Whether it is on.", yesOrNo(), true),
    retryAfterSeconds: withDefault(
      "When clients should come again, in seconds.",
      wholeNumber(0, 31_536_000),
      300,
    ),
    page: optional(
      "What they are shown.",
      text("a text, such as a page in HTML"),
      "a problem in JSON (RFC 9457)",
    ),
    contentType: withDefault("The page's media type.", headerValue(), "text/html; charset=utf-8"),
    allow: withDefault("Whose requests are answered as ever, as addresses or CIDRs.", listOf(cidr()), []),
  }),
);

/** What a user writes. */
export type MaintenanceConfig = v.InferInput<typeof maintenanceSchema>;
