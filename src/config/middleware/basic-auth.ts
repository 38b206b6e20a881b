import * as v from "valibot";
import { type PasswordHash, readPasswordHash } from "../password-hash.ts";
import { named, optional, required, withDefault } from "../schema/keys.ts";
import { objectOf, recordOf } from "../schema/shapes.ts";
import { headerName, milliseconds, secret, text, wholeNumber, yesOrNo } from "../schema/values.ts";

/** A hash; what is wrong with it is told without it. */
const passwordHash = v.pipe(
  secret(v.string("expected the hash of a password, as lb hash-password prints one")),
  v.rawTransform<string, PasswordHash>(({ dataset, addIssue, NEVER }) => {
    const hash = readPasswordHash(dataset.value);
    if (typeof hash !== "string") return hash;
    addIssue({ message: hash });
    return NEVER;
  }),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a name must not have (RFC 7617 §2).
const USER_NAME = /^[^:\x00-\x1f\x7f]{1,128}$/;

/** Options of the middleware `basicAuth`. */
export const basicAuthSchema = named(
  "BasicAuthConfig",
  "Who may come in by a name and a password (RFC 7617). Use it over TLS only: the password goes with every request.",
  objectOf({
    users: required(
      "The hash of each user's password, by the user's name: one of bcrypt as `htpasswd -B` makes it, of argon2id, or of PBKDF2. `lb hash-password` makes one. Outside Bun, only PBKDF2 is worked out beside what serves.",
      v.pipe(
        recordOf(USER_NAME, "a user's name: up to 128 characters without a colon", passwordHash),
        v.check((users) => Object.keys(users).length > 0, "found nobody, expected at least one user"),
      ),
    ),
    realm: withDefault(
      "What the browser's question names.",
      text("a text of visible ASCII characters and spaces", /^[\x20-\x7e]{1,128}$/),
      "Restricted",
    ),
    userHeader: optional(
      "The header field that tells the backend the user's name, in UTF-8. One of the client's own never passes.",
      headerName(),
      "the backend is not told",
    ),
    forwardCredentials: withDefault(
      "Whether the backend is sent the `Authorization` field, password and all.",
      yesOrNo(),
      false,
    ),
    rememberMs: withDefault(
      "How long a password that was right is not worked out again, in milliseconds; 0 is not at all.",
      milliseconds(0),
      300_000,
    ),
    maxRemembered: withDefault(
      "How many are remembered at once: about 200 bytes each.",
      wholeNumber(1, 1_000_000),
      1_000,
    ),
    maxChecks: withDefault(
      "How many passwords are worked out at once. Each takes a core for some 50 ms, and argon2id tens of megabytes.",
      wholeNumber(1, 64),
      2,
    ),
    maxWaiting: withDefault(
      "How many more may wait for that; those beyond are answered with 503.",
      wholeNumber(0, 10_000),
      64,
    ),
    maxWaitingPerClient: withDefault(
      "How many of one address may wait or be worked out; those beyond are answered with 429.",
      wholeNumber(1, 10_000),
      8,
    ),
  }),
);

/** What a user writes. */
export type BasicAuthConfig = v.InferInput<typeof basicAuthSchema>;
