import * as v from "valibot";
import { readHostPattern } from "./host-pattern.ts";
import type { MatchRules, NamedRule, ValueRule } from "./match-rules.ts";
import { readPathPattern } from "./path-pattern.ts";
import { named, optional } from "./schema/keys.ts";
import { found } from "./schema/run.ts";
import { either, listOf, objectOf, recordOf } from "./schema/shapes.ts";
import { cidr, expecting, regExp, TOKEN, text, typed } from "./schema/values.ts";

/** Methods that somebody may write in small letters, which would be others (RFC 9110 §9.1). */
const CAPITALS = /^(?:get|head|post|put|patch|delete|options)$/i;

/** @param read Gives what the pattern should be, in words, if it is none. */
function patternOf<P extends object>(read: (text: string) => P | string, expected: string) {
  return v.pipe(
    v.string(expecting(expected)),
    v.rawTransform<string, P>(({ dataset, addIssue, NEVER }) => {
      const pattern = dataset.typed ? read(dataset.value) : "";
      if (typeof pattern !== "string") return pattern;
      addIssue({ message: `${found(dataset.value)}, expected ${pattern}` });
      return NEVER;
    }),
  );
}

const pattern = regExp();

/** What the value of a header field, a parameter or a cookie must be. */
export const valueMatchSchema = named(
  "ValueMatchConfig",
  "What a value must be: a text, `true` for any, or a regular expression that finds something in it, which is `{ pattern, flags }` in a file.",
  either(
    [
      text("a text, true for any, or a regular expression such as { pattern }"),
      v.literal(true),
      typed<v.InferInput<typeof pattern>, RegExp>(pattern, {
        type: "RegExp | { readonly pattern: string; readonly flags?: string }",
      }),
    ],
    (value) => (value === true ? 1 : typeof value === "object" && value !== null ? 2 : 0),
  ),
);

/** A list that says nothing would be for every request: nobody means that who writes one. */
function some<Item extends v.GenericSchema>(item: Item, expected: string) {
  return v.pipe(listOf(item, expected), v.minLength(1, `found an empty list, expected ${expected}`));
}

const method = v.pipe(
  text("a method such as GET", TOKEN),
  v.check(
    (name) => !CAPITALS.test(name) || name === name.toUpperCase(),
    ({ input }) => `${found(input)}, expected ${String(input).toUpperCase()}: the case of methods counts`,
  ),
);

const match = objectOf({
  host: optional(
    "The host that is asked for: `api.example.com`, or `*.example.com` for all names below it, at any depth.",
    patternOf(readHostPattern, "a host such as api.example.com or *.example.com"),
    "any",
  ),
  path: optional(
    "The path: `/a` and no other, `/a/*` for `/a` and all below it, `/users/:id/posts` with anything in place of `:id`. Paths are compared without dot segments, and with no more escapes than they need.",
    patternOf(readPathPattern, "a path that begins with /, such as /v1/*"),
    "any",
  ),
  method: optional(
    "The methods, whose case counts. A CORS preflight is also for the routes of the method that it asks about.",
    some(method, 'a list of methods, such as ["GET", "POST"]'),
    "any",
  ),
  headers: optional(
    "What header fields must be, by their names.",
    recordOf(TOKEN, "the name of a header, such as x-user", valueMatchSchema),
    "any",
  ),
  query: optional(
    "What the query's parameters must be when they are decoded; the first of a name counts.",
    recordOf(/^[\s\S]/, "the name of a parameter", valueMatchSchema),
    "any",
  ),
  cookies: optional(
    "What cookies must be.",
    recordOf(TOKEN, "the name of a cookie", valueMatchSchema),
    "any",
  ),
  client: optional(
    "Where the client is, by addresses or CIDRs; what trusted proxies say of it counts.",
    some(cidr(), "a list of addresses or ranges, such as 10.0.0.0/8"),
    "anywhere",
  ),
});
type Match = v.InferOutput<typeof match>;

/** Which requests a route is for. */
export const matchSchema = named(
  "MatchConfig",
  "Which requests a route is for: those that keep all of it.",
  v.pipe(match, v.transform(rulesOf)),
);

function rulesOf({ host, path, method, headers, query, cookies, client }: Match): MatchRules {
  return {
    host,
    path,
    methods: method ?? [],
    // Their names are not case-sensitive (RFC 9110 §5.1).
    headers: namedRules(headers).map(({ name, value }) => ({ name: name.toLowerCase(), value })),
    query: namedRules(query),
    cookies: namedRules(cookies),
    clients: client ?? [],
  };
}

function namedRules(rules: Readonly<Record<string, ValueRule>> = {}): NamedRule[] {
  return Object.entries(rules).map(([name, value]) => ({ name, value }));
}
