import { withFields } from "../proxy/changed-response.ts";
import { problemResponse, tooManyRequests } from "../proxy/problem.ts";
import type { RateRules, RateVerdict } from "../rate-limit/meter.ts";
import type { Middleware, MiddlewareDeps, Next } from "./middleware.ts";
import { type RateLimitKeySource, rateLimitKey, sourceName } from "./rate-limit-key.ts";

/** How many requests are answered, and whose count together. */
export interface RateLimitRules extends RateRules {
  readonly key: RateLimitKeySource;
  /** How many bits of an IPv6 address are one client's. */
  readonly ipv6PrefixBits: number;
  /** Limits of one name with the same numbers and source of keys count together; without one, each by itself. */
  readonly name?: string | undefined;
  /** Whether clients are told what is left. */
  readonly inResponse: boolean;
}

/**
 * Answers 429 to who asks too often, and says when to come again. All answers tell what is left, by the fields
 * `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11 §3 and §4), besides what other limits
 * before or behind say. The time there is until there is one more, or until all are to be had again while some remain:
 * who spreads what is left over it asks no faster than the limit allows.
 *
 * What was counted outlives the middleware: made anew for the same place with the same numbers, it goes on.
 */
export function createRateLimit(rules: RateLimitRules, { clock, shared, place }: MiddlewareDeps): Middleware {
  const { name, inResponse } = rules;
  const whose = name === undefined ? `at ${place}` : `named ${name}`;
  const limiter = shared.rateLimiter(`${whose}, by ${sourceName(rules.key)}`, rules);
  const keyOf = rateLimitKey(rules.key, rules.ipv6PrefixBits);
  const quoted = `"${name ?? nameOf(rules)}"`;
  const policy = `${quoted};q=${rules.requests}${windowParameter(rules.windowMs)}`;

  const answer = (verdict: RateVerdict, request: Request, next: Next): Response | Promise<Response> => {
    const { isAllowed, remaining, resetMs } = verdict;
    if (isAllowed && !inResponse) return next(request);
    const resetSeconds = Math.ceil(resetMs / 1_000);
    const tell = (fields: Headers) => {
      fields.append("ratelimit-policy", policy);
      fields.append("ratelimit", `${quoted};r=${remaining};t=${resetSeconds}`);
    };
    if (isAllowed) return next(request).then((response) => withFields(response, tell));
    const refusal = problemResponse(tooManyRequests(Math.max(1, resetSeconds)));
    if (inResponse) tell(refusal.headers);
    return refusal;
  };

  return function rateLimit(request, next, context) {
    const key = keyOf(request, context);
    if (key === undefined) return next(request);
    const verdict = limiter.take(key, clock.nowMs());
    // In memory there is nothing to wait for.
    if (!(verdict instanceof Promise)) return answer(verdict, request, next);
    return verdict.then((given) => answer(given, request, next));
  };
}

/** Tells limits apart that one request may meet. */
function nameOf({ key, windowMs }: RateLimitRules): string {
  const by = typeof key === "function" ? "key" : key.by;
  return windowMs % 1_000 === 0 ? `${by}-${windowMs / 1_000}s` : `${by}-${windowMs}ms`;
}

/** A window is told in whole seconds, or not at all. */
function windowParameter(windowMs: number): string {
  return windowMs % 1_000 === 0 ? `;w=${windowMs / 1_000}` : "";
}
