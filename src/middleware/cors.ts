import { isToken } from "../http1/hop-by-hop.ts";
import { withFields } from "../proxy/changed-response.ts";
import { originMatcher } from "./cors-origins.ts";
import type { Middleware } from "./middleware.ts";
import { addVary } from "./vary.ts";

/** Who may read answers from another origin, and what they may ask (Fetch §3.2). */
export interface CorsRules {
  /**
   * Each an origin as browsers write it, `*` for any, `https://*.example.com` for any name below it, or an
   * expression that the whole origin must match.
   */
  readonly origins: readonly (string | RegExp)[];
  /** What a preflight is told may be asked with. */
  readonly methods: readonly string[];
  /** The fields that a request may have beside those that are always allowed; `*` is all that it asks for. */
  readonly headers: readonly string[] | "*";
  /** The fields that scripts may read beside those that they always may. */
  readonly exposedHeaders: readonly string[];
  /** Whether cookies and other credentials go along. Never where `origins` has `*`. */
  readonly credentials: boolean;
  /** How long a preflight's answer holds, in seconds; browsers have a limit of their own. */
  readonly maxAgeSeconds: number;
  /** Whether a page of the public network may reach this one in a private network. */
  readonly privateNetwork: boolean;
}

/** What a backend may say of it, which counts no more. */
const SAID_BY_BACKENDS = [
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-allow-private-network",
  "access-control-expose-headers",
  "access-control-max-age",
] as const;

const ASKED_METHOD = "access-control-request-method";
const ASKED_HEADERS = "access-control-request-headers";
const ASKED_NETWORK = "access-control-request-private-network";

/** An answer to a preflight depends on all of these, whether or not it says yes. */
const PREFLIGHT_VARY = ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"] as const;
const ANSWER_VARY = ["Origin"] as const;
const NONE: readonly string[] = [];

/**
 * Answers preflights, and says on all other answers which origins may read them. What backends say of that is
 * replaced. A request from elsewhere is answered all the same: the browser keeps its answer from the page.
 */
export function createCors(rules: CorsRules): Middleware {
  const isAllowed = originMatcher(rules.origins);
  const isForAll = rules.origins.includes("*");
  // Where every origin gets the same answer, a cache needs no copy for each.
  const answerVary = isForAll ? NONE : ANSWER_VARY;
  const exposed = rules.exposedHeaders.join(", ");

  const allowOrigin = (headers: Headers, origin: string | null): boolean => {
    const isAnswered = origin === null ? isForAll : isAllowed(origin);
    if (!isAnswered) return false;
    headers.set("access-control-allow-origin", isForAll || origin === null ? "*" : origin);
    if (rules.credentials) headers.set("access-control-allow-credentials", "true");
    return true;
  };

  const preflight = (asked: Headers, origin: string): Response => {
    const headers = new Headers();
    addVary(headers, rules.privateNetwork ? [...PREFLIGHT_VARY, ASKED_NETWORK] : PREFLIGHT_VARY);
    if (allowOrigin(headers, origin)) {
      headers.set("access-control-allow-methods", rules.methods.join(", "));
      const allowed = rules.headers === "*" ? askedFields(asked) : rules.headers.join(", ");
      if (allowed !== "") headers.set("access-control-allow-headers", allowed);
      headers.set("access-control-max-age", String(rules.maxAgeSeconds));
      if (rules.privateNetwork && asked.get(ASKED_NETWORK) === "true") {
        headers.set("access-control-allow-private-network", "true");
      }
    }
    return new Response(null, { status: 204, headers });
  };

  const opened = (answer: Response, origin: string | null): Response =>
    withFields(answer, (headers) => {
      for (const name of SAID_BY_BACKENDS) headers.delete(name);
      if (answerVary.length > 0) addVary(headers, answerVary);
      if (allowOrigin(headers, origin) && exposed !== "") {
        headers.set("access-control-expose-headers", exposed);
      }
    });

  return function cors(request, next) {
    const { headers } = request;
    const origin = headers.get("origin");
    if (origin !== null && request.method === "OPTIONS" && headers.has(ASKED_METHOD)) {
      return preflight(headers, origin);
    }
    return next(request).then((answer) => opened(answer, origin));
  };
}

/** The names that a preflight asks for; `*` itself would not cover `Authorization` (Fetch §3.2.3). */
function askedFields(asked: Headers): string {
  const names = (asked.get(ASKED_HEADERS) ?? "").split(",").map((name) => name.trim());
  return names.filter(isToken).join(", ");
}
