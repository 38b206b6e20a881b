import type * as v from "valibot";
import { named, withDefault } from "../schema/keys.ts";
import { objectOf } from "../schema/shapes.ts";
import { headerName, yesOrNo } from "../schema/values.ts";

/** Options of the middleware `requestId`. */
export const requestIdSchema = named(
  "RequestIdConfig",
  "How requests are numbered, each by a random UUID.",
  objectOf({
    header: withDefault("The header field that carries the number.", headerName(), "x-request-id"),
    keepTrusted: withDefault(
      "Whether a number that a trusted proxy has given is kept. One of a client's own never is.",
      yesOrNo(),
      true,
    ),
    inResponse: withDefault("Whether the client is told it.", yesOrNo(), true),
  }),
);

/** What a user writes. */
export type RequestIdConfig = v.InferInput<typeof requestIdSchema>;
