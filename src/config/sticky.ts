import * as v from "valibot";
import { isToken } from "../http1/hop-by-hop.ts";
import { didYouMean } from "./problem.ts";
import type { ResolvedStickyCookie, ResolvedStickyTable, SameSite, StickyBy } from "./resolved.ts";
import { named, optional, required, withDefault } from "./schema/keys.ts";
import { failed, found, inside, issue, runBy } from "./schema/run.ts";
import { isObject, objectOf } from "./schema/shapes.ts";
import {
  at,
  milliseconds,
  oneOf,
  secret,
  TOKEN,
  text,
  typed,
  wholeNumber,
  yesOrNo,
} from "./schema/values.ts";

const SAME_SITES = ["lax", "strict", "none"] as const satisfies readonly SameSite[];

/** The longest that browsers keep a cookie: 400 days (RFC 6265bis §5.5). */
const MOST_AGE_SECONDS = 34_560_000;

/** The fewest characters of a secret: with less, who has one value can find the secret by trying. */
export const LEAST_SECRET_LENGTH = 16;

/** The most sessions that a table may be told to remember: a few GiB. */
const MOST_SESSIONS = 10_000_000;

/** Not what was found: it is a secret, if a poor one, and this goes into a log. */
const POOR_SECRET = `expected at least ${LEAST_SECRET_LENGTH} characters`;

const DRAIN_GRACE = withDefault(
  "How long a backend that drains keeps its sessions, in milliseconds; 0 is not at all.",
  milliseconds(0),
  300_000,
);

const COOKIE = {
  by: required("By a cookie of the balancer's.", v.literal("cookie")),
  name: withDefault("The cookie's name.", text("the name of a cookie", TOKEN), "lb"),
  path: withDefault(
    "The paths that the cookie is for.",
    text("a path that begins with /, without ;", /^\/[\x21-\x3a\x3c-\x7e]*$/),
    "/",
  ),
  domain: optional(
    "The domain that the cookie is for, its subdomains included.",
    text("the name of a domain, such as example.com", /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/),
    "the host that was asked, alone",
  ),
  secure: optional(
    "Whether the cookie goes over TLS alone. With `sameSite` `none`, and a name that begins with `__Host-` or `__Secure-`, it does.",
    yesOrNo(),
    "where the client speaks TLS, to us or, if it says so, to one of `trustedProxies`",
  ),
  httpOnly: withDefault("Whether scripts cannot see the cookie.", yesOrNo(), true),
  sameSite: withDefault(
    "When a browser sends the cookie with requests that come from other sites.",
    oneOf(SAME_SITES),
    "lax",
  ),
  maxAgeSeconds: optional(
    "How long a browser keeps the cookie from when it was set, in seconds, up to 400 days.",
    wholeNumber(1, MOST_AGE_SECONDS),
    "as long as it runs",
  ),
  secret: optional(
    "What the cookie's values are made with, at least 16 characters: the same in all processes that are to know them.",
    secret(v.pipe(v.string(POOR_SECRET), v.minLength(LEAST_SECRET_LENGTH, POOR_SECRET))),
    "one of chance, for each balancer",
  ),
  drainGraceMs: DRAIN_GRACE,
};

const TABLE = {
  by: required(
    "By the client's address, or by a header field.",
    typed<ResolvedStickyTable["by"]>(
      v.union([v.literal("ip"), v.pipe(v.string(), v.regex(/^header:[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/))]),
      { type: `"ip" | \`header:\${string}\`` },
    ),
  ),
  drainGraceMs: DRAIN_GRACE,
  maxSessions: withDefault(
    "The most sessions that are remembered; then the one that was quiet for longest is forgotten.",
    wholeNumber(1, MOST_SESSIONS),
    100_000,
  ),
  idleTimeoutMs: withDefault(
    "How long a session may be quiet until it is forgotten, in milliseconds.",
    milliseconds(1),
    1_800_000,
  ),
};

const cookieObject = objectOf(COOKIE);
type Cookie = v.InferOutput<typeof cookieObject>;

/** Sessions by a cookie. */
export const stickyCookieSchema = named(
  "StickyCookieConfig",
  "Sessions by a cookie of the balancer's: every client has its own.",
  v.pipe(
    cookieObject,
    v.rawCheck<Cookie>(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const [key, message] of refusedByBrowsers(dataset.value)) {
        addIssue({ message, ...at(dataset.value, key) });
      }
    }),
    v.transform(resolvedCookie),
  ),
);

/** Sessions by an address or a header field. */
export const stickyTableSchema = named(
  "StickyTableConfig",
  "Sessions by something that requests have of themselves, in a table of the balancer's.",
  objectOf(TABLE),
);

const kinds = v.union([stickyCookieSchema, stickyTableSchema]);

/** What keeps a client's requests at one backend. */
export const stickySchema = named(
  "StickyConfig",
  "What keeps a client's requests at one backend.",
  runBy<typeof kinds>(kinds, ({ value }, config) => {
    if (!isObject(value)) return stickyTableSchema["~run"]({ value }, config);
    const { by } = value;
    if (by === "cookie") return stickyCookieSchema["~run"]({ value }, config);
    if (isTableBy(by)) return stickyTableSchema["~run"]({ value }, config);
    // Which other keys there may be depends on it: nothing can be said of them.
    const message = `${found(by)}, expected cookie, ip or header:NAME${didYouMean(String(by), ["cookie", "ip"])}`;
    return failed(value, inside([issue("union", by, message)], value, "by", by));
  }),
);

function isTableBy(by: unknown): by is Exclude<StickyBy, "cookie"> {
  if (typeof by !== "string") return false;
  return by === "ip" || (by.startsWith("header:") && isToken(by.slice("header:".length)));
}

/** What browsers would refuse is refused here, where somebody is told (RFC 6265bis §4.1.3, §5.7). */
function refusedByBrowsers({
  name,
  path,
  domain,
  sameSite,
  secure,
}: Cookie): [key: string, message: string][] {
  if (/^__Host-/i.test(name) && (path !== "/" || domain !== undefined)) {
    return [["name", `${found(name)}, expected a name that does not begin so, or no domain and the path /`]];
  }
  const why = whySecure(name, sameSite);
  if (why === undefined || secure !== false) return [];
  return [["secure", `${found(false)}, expected true, as ${why} demands`]];
}

function whySecure(name: string, sameSite: SameSite): string | undefined {
  if (/^__(?:Host|Secure)-/i.test(name)) return `the name ${name}`;
  return sameSite === "none" ? "sameSite none" : undefined;
}

function resolvedCookie(cookie: Cookie): ResolvedStickyCookie {
  const { domain = "", secure, maxAgeSeconds, secret, ...rest } = cookie;
  const isSecure = whySecure(rest.name, rest.sameSite) === undefined ? secure : true;
  return { ...rest, domain, secure: isSecure, maxAgeSeconds, secret };
}
