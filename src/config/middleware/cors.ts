import * as v from "valibot";
import { named, required, withDefault } from "../schema/keys.ts";
import { either, listOf, objectOf } from "../schema/shapes.ts";
import { at, headerName, regExp, TOKEN, text, wholeNumber, yesOrNo } from "../schema/values.ts";

/** A scheme, a host and no more than a port, as browsers write them (RFC 6454 §6.2); a host may begin with `*.`. */
const ORIGIN = /^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/;

/** What browsers leave out of an origin, so that one which has it is never met. */
const DEFAULT_PORT = /^(?:http:.*:80|https:.*:443)$/;

const origin = either(
  [
    v.pipe(
      text(
        "an origin such as https://example.com or https://*.example.com, in lower case and without a path",
        ORIGIN,
      ),
      v.check(
        (value) => !DEFAULT_PORT.test(value),
        ({ input }) => `found "${input}", expected it without its port, as browsers write it`,
      ),
    ),
    regExp(),
  ],
  (value) => (typeof value === "string" ? 0 : 1),
);

/** Options of the middleware `cors`. */
export const corsSchema = named(
  "CorsConfig",
  "Which other origins may read answers, and what they may ask. Preflights are answered here.",
  v.pipe(
    objectOf({
      origins: required(
        "The origins: `https://example.com`, `https://*.example.com` for every name below it, `*` for all, or an expression that the whole origin must match.",
        v.pipe(listOf(origin), v.minLength(1, "found an empty list, expected at least one origin")),
      ),
      methods: withDefault("The methods that they may use.", listOf(text("a method such as GET", TOKEN)), [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
      ]),
      headers: withDefault(
        "The header fields that they may send beside those that are always allowed; `*` is all that they ask for.",
        either(
          [
            v.literal("*", 'expected "*" or a list of header names'),
            listOf(headerName(), 'a list of header names, or "*"'),
          ],
          (value) => (value === "*" ? 0 : 1),
        ),
        "*",
      ),
      exposedHeaders: withDefault(
        "The header fields of answers that their scripts may read beside those that they always may.",
        listOf(headerName()),
        [],
      ),
      credentials: withDefault("Whether they may send cookies and other credentials.", yesOrNo(), false),
      maxAgeSeconds: withDefault(
        "How long a browser may go by a preflight's answer, in seconds. Browsers take two hours to a day at most.",
        wholeNumber(0, 86_400),
        600,
      ),
      privateNetwork: withDefault(
        "Whether pages of the public network may ask this one in a private network.",
        yesOrNo(),
        false,
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || !dataset.value.credentials) return;
      const { origins, exposedHeaders } = dataset.value;
      for (const open of ["*", "null"]) {
        if (origins.includes(open)) {
          addIssue({
            message: `found "${open}" with credentials, expected the origins that are trusted: any site could act for a user`,
            ...at(dataset.value, "origins"),
          });
        }
      }
      if (exposedHeaders.includes("*")) {
        addIssue({
          message: 'found "*" with credentials, expected names: browsers take it for a name there',
          ...at(dataset.value, "exposedHeaders"),
        });
      }
    }),
  ),
);

/** What a user writes. */
export type CorsConfig = v.InferInput<typeof corsSchema>;
