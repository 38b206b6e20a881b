import * as v from "valibot";
import type { RequestContext } from "../../middleware/middleware.ts";
import { named, optional, withDefault } from "../schema/keys.ts";
import { either, objectOf } from "../schema/shapes.ts";
import { at, functionOf, oneOf, text, wholeNumber, yesOrNo } from "../schema/values.ts";

const MOST_REQUESTS = 1_000_000;
/** Thirty days. */
const LONGEST_WINDOW_MS = 2_592_000_000;

/** Whose request it is; undefined is nobody's. */
type KeyFunction = (request: Request, context: RequestContext) => string | undefined;

const KEY_SOURCE = /^(?:ip|route|(?:header|cookie):[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/;

const key = either(
  [
    v.pipe(
      text("ip, route, header:NAME, cookie:NAME, or a function", KEY_SOURCE),
      v.transform((source) => {
        if (source === "ip" || source === "route") return { by: source } as const;
        const name = source.slice(source.indexOf(":") + 1);
        return source.startsWith("header:")
          ? ({ by: "header", name: name.toLowerCase() } as const)
          : ({ by: "cookie", name } as const);
      }),
    ),
    functionOf<KeyFunction>(
      {
        type: "((request: Request, context: RequestContext) => string | undefined)",
        imports: { "middleware/middleware.ts": ["RequestContext"] },
      },
      "ip, route, header:NAME, cookie:NAME, or a function",
    ),
  ],
  (value) => (typeof value === "function" ? 1 : 0),
);

/** Options of the middleware `rateLimit`. */
export const rateLimitSchema = named(
  "RateLimitConfig",
  "How many requests a client may make. Those beyond are answered with 429 and `Retry-After`, and do not count. Counted in memory, by each worker for itself; it goes on when the config is read anew with the same limit in the same place.",
  v.pipe(
    objectOf({
      requests: optional("How many in a window.", wholeNumber(1, MOST_REQUESTS), "`perSecond` says it"),
      windowMs: optional(
        "The window, in milliseconds.",
        wholeNumber(1, LONGEST_WINDOW_MS),
        "1,000 with `perSecond`",
      ),
      perSecond: optional(
        "How many in a second, in place of `requests` and `windowMs`.",
        wholeNumber(1, MOST_REQUESTS),
        "the other two say it",
      ),
      algorithm: withDefault(
        "`sliding-window`: never more than `requests` in any window; limits of more than 32 are counted in 32 groups, so that who asks unevenly may be refused a 32nd of them. `token-bucket`: one more as soon as its part of the window has passed, and `burst` at once, so that a window may see both.",
        oneOf(["sliding-window", "token-bucket"]),
        "sliding-window",
      ),
      burst: optional(
        "For `token-bucket`: how many at once, after a pause. Over a long time they come on top: 100 a second for 10 seconds with a burst of 100 are 1,100.",
        wholeNumber(1, MOST_REQUESTS),
        "`requests`",
      ),
      key: withDefault(
        "Whose requests count together: `ip` is the client's address as far as trusted proxies say it, `route` all of a route, `header:NAME` and `cookie:NAME` what that says, and a function gives the key, or undefined for no limit. What clients choose freely limits nobody: go by what was checked before.",
        key,
        "ip",
      ),
      ipv6PrefixBits: withDefault(
        "How many bits of an IPv6 address are one client's: a network has 64 or fewer of its own.",
        wholeNumber(16, 128),
        64,
      ),
      maxKeys: withDefault(
        "How many keys are counted each by itself, for 40 to 170 bytes each; 25 with `token-bucket`. A key is forgotten when it has its whole limit again, and not before, or making up keys would free from the limit. While none can be, those that are new count in 1,024 groups, which is stricter.",
        wholeNumber(1, 10_000_000),
        100_000,
      ),
      name: optional(
        "What clients are told the limit is called. Limits of one name with the same numbers and key count together, wherever they stand.",
        text("a name of letters, digits, _, . and -", /^[A-Za-z0-9_.-]{1,64}$/),
        "`ip-60s` or what else the key and the window are, and each counts by itself",
      ),
      inResponse: withDefault(
        "Whether clients are told what is left, in `RateLimit` and `RateLimit-Policy`.",
        yesOrNo(),
        true,
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { requests, windowMs, perSecond, algorithm, burst } = dataset.value;
      const given = [requests, windowMs].filter((value) => value !== undefined).length;
      if (perSecond === undefined ? given !== 2 : given !== 0) {
        const only = requests === undefined ? "windowMs" : "requests";
        const alone = given === 0 ? "no limit" : `${only} alone`;
        const found = perSecond === undefined ? alone : "perSecond beside requests or windowMs";
        addIssue({ message: `found ${found}, expected requests and windowMs, or perSecond` });
      }
      if (burst !== undefined && algorithm !== "token-bucket") {
        const message = `found ${burst} with the ${algorithm}, expected it with the token-bucket alone`;
        addIssue({ message, ...at(dataset.value, "burst") });
      }
    }),
    v.transform(({ requests, windowMs = 1_000, perSecond, burst, ...others }) => {
      const most = perSecond ?? requests ?? 1;
      return { ...others, requests: most, windowMs, burst: burst ?? most };
    }),
  ),
);

/** What a user writes. */
export type RateLimitConfig = v.InferInput<typeof rateLimitSchema>;
