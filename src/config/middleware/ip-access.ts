import * as v from "valibot";
import { named, withDefault } from "../schema/keys.ts";
import { listOf, objectOf } from "../schema/shapes.ts";
import { cidr } from "../schema/values.ts";

/** Options of the middleware `ipAccess`. */
export const ipAccessSchema = named(
  "IpAccessConfig",
  "Whose requests are answered, by the client's address as far as trusted proxies say it; others get 403.",
  v.pipe(
    objectOf({
      allow: withDefault(
        "Nobody else's, as addresses or CIDRs; without any, everybody's but those that `deny` names.",
        listOf(cidr()),
        [],
      ),
      deny: withDefault("Not theirs, whatever `allow` says.", listOf(cidr()), []),
    }),
    // Else a config whose list came out empty would let everybody in.
    v.check(
      ({ allow, deny }) => allow.length + deny.length > 0,
      "found nobody, expected addresses in allow or deny",
    ),
  ),
);

/** What a user writes. */
export type IpAccessConfig = v.InferInput<typeof ipAccessSchema>;
