import * as v from "valibot";
import { fileName } from "./file-name.ts";
import { named, optional, required, withDefault } from "./schema/keys.ts";
import { objectOf } from "./schema/shapes.ts";
import { secret, text, wholeNumber } from "./schema/values.ts";

/** Who guesses a token of fewer characters would not take long. */
export const LEAST_TOKEN_CHARACTERS = 16;

/** What a token may be made of: what can stand in a field (RFC 6750 §2.1 has fewer), and no space. */
export const TOKEN = new RegExp(`^[!-~]{${LEAST_TOKEN_CHARACTERS},1024}$`);

/** The same in words. */
export const TOKEN_WORDS = `at least ${LEAST_TOKEN_CHARACTERS} letters, digits and signs, without spaces`;

/** A token is a secret, so the sentence does not say what was found. */
const POOR_TOKEN = `expected ${TOKEN_WORDS}`;

const keys = objectOf({
  port: required("The port to listen on; 0 takes a free one.", wholeNumber(0, 65_535)),
  host: withDefault(
    "The address to listen on. By itself nobody on another machine sees it.",
    text("an address such as 127.0.0.1 or ::1", /^[^\s/]+$/),
    "127.0.0.1",
  ),
  token: optional(
    "What every request has to bring along, as `Authorization: Bearer TOKEN`. A file is seen by more eyes than is good for it: `tokenFile` is safer.",
    secret(v.pipe(v.string(POOR_TOKEN), v.regex(TOKEN, POOR_TOKEN))),
    "`tokenFile` has it",
  ),
  tokenFile: optional(
    "The file with the token, named from the folder of the config file.",
    fileName(),
    "`token` says it",
  ),
});

/** Where the balancer is looked into and told what to do, while it runs. */
export const adminSchema = named(
  "AdminConfig",
  "Where the balancer is looked into and told what to do, while it runs. Nobody is let in without a token.",
  v.pipe(
    keys,
    v.check(
      ({ token, tokenFile }) => (token === undefined) !== (tokenFile === undefined),
      ({ input: { token } }) =>
        `found ${token === undefined ? "no token" : "token and tokenFile"}, expected token or tokenFile`,
    ),
  ),
);

/** The same, checked, with every default. */
export type AdminRules = v.InferOutput<typeof adminSchema>;
