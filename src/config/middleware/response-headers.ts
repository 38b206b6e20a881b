import type * as v from "valibot";
import { HOP_BY_HOP } from "../../http1/hop-by-hop.ts";
import { named } from "../schema/keys.ts";
import { headerChanges, untouchable } from "./header-changes.ts";

/** What an answer's body is framed by is for whoever sends it to say. */
export const FRAMING = new Map([
  ...untouchable(HOP_BY_HOP, "it is about one connection"),
  ...untouchable(["content-length"], "it says where the body ends"),
]);

/** Options of the middleware `responseHeaders`. */
export const responseHeadersSchema = named(
  "ResponseHeadersConfig",
  "How the header fields are changed that a client gets.",
  headerChanges("an answer", FRAMING, FRAMING),
);

/** What a user writes. */
export type ResponseHeadersConfig = v.InferInput<typeof responseHeadersSchema>;
