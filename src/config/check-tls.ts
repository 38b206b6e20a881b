import { named, optional } from "./schema/keys.ts";
import { objectOf, orFalse } from "./schema/shapes.ts";
import { text, yesOrNo } from "./schema/values.ts";

/** What a name looks like that a certificate may be for: a host's, or an address without brackets (RFC 9110 §4.3.5). */
export const TLS_NAME = /^[a-z0-9_.:-]+$/i;

/** The same in words. */
export const TLS_NAME_WORDS = "a name such as app.example.com";

/** How checks of `https` backends are different from requests in TLS. */
export const checkTlsSchema = named(
  "CheckTlsConfig",
  "How checks of `https` backends are different from requests in TLS.",
  objectOf({
    serverName: optional(
      "The name to ask for, and to check the certificate by. With the transport `fetch`, in Bun alone.",
      text(TLS_NAME_WORDS, TLS_NAME),
      "as for requests",
    ),
    verify: optional("`false` believes any certificate.", yesOrNo(), "as for requests"),
  }),
);

/** The same, or `false` for plain TCP. */
export const checkTlsOrFalse = orFalse(checkTlsSchema);
