import type * as v from "valibot";
import { HOP_BY_HOP } from "../../http1/hop-by-hop.ts";
import { named } from "../schema/keys.ts";
import { headerChanges, untouchable } from "./header-changes.ts";

const WRITTEN = "the balancer writes it itself";

/** What is removed of these is written again, and what is set of these never arrives. */
const OURS = new Map([
  ...untouchable([...HOP_BY_HOP, "expect"], "it ends at the balancer"),
  ...untouchable(["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"], WRITTEN),
  ...untouchable(["content-length", "content_length", "transfer_encoding"], "it says where the body ends"),
  ...untouchable(
    ["x_forwarded_for", "x_forwarded_host", "x_forwarded_port", "x_forwarded_proto"],
    "some servers take it for one that the balancer writes",
  ),
]);

/** Options of the middleware `requestHeaders`. */
export const requestHeadersSchema = named(
  "RequestHeadersConfig",
  "How the header fields are changed that a backend gets.",
  headerChanges("a request", OURS, OURS),
);

/** What a user writes. */
export type RequestHeadersConfig = v.InferInput<typeof requestHeadersSchema>;
