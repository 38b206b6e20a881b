import { changedRequest } from "../proxy/changed-request.ts";
import { badRequest, problemResponse, uriTooLong } from "../proxy/problem.ts";
import type { Middleware } from "./middleware.ts";
import { asciiOnly, escaped, hasDotSegment, urlParts } from "./path.ts";

/** How a path is rewritten. */
export interface RewriteRules {
  /**
   * Looked for in the path as it came, escapes and all. Without the flags `g` and `y`: it is used again and again.
   *
   * Some expressions take exponential time for paths that are made for it. Which ones, nobody but their author can
   * tell: paths are held short here, and that is all that is done about it.
   */
  readonly pattern: RegExp;
  /** What takes the place of what was found: `$1`, `$<name>` and `$&` as in `String.replace`. May have a query. */
  readonly to: string;
}

/** The longest path that a pattern is tried on, in characters. Real ones are far below. */
export const LONGEST_REWRITTEN = 8_192;

const TOO_LONG = uriTooLong(`The path is longer than ${LONGEST_REWRITTEN} characters.`);
const LEADS_ELSEWHERE = badRequest("The path leads elsewhere than it says.");

/**
 * Rewrites the path. A query in `to` comes before the request's own. A path that the pattern is not found in passes
 * as it is.
 *
 * A path that the rewriting gives a `.` or `..` segment is refused: from `/filesX` to `/data/X`, `/files../secret`
 * would leave `/data`.
 */
export function createRewrite({ pattern, to }: RewriteRules): Middleware {
  const replacement = asciiOnly(to);
  return function rewrite(request, next) {
    const { origin, path, query } = urlParts(request.url);
    if (path.length > LONGEST_REWRITTEN) return problemResponse(TOO_LONG);
    if (!pattern.test(path)) return next(request);
    const target = escaped(path.replace(pattern, replacement));
    const mark = target.indexOf("?");
    const rewritten = mark < 0 ? target : target.slice(0, mark);
    if (hasDotSegment(rewritten)) return problemResponse(LEADS_ELSEWHERE);
    const rooted = rewritten.startsWith("/") ? rewritten : `/${rewritten}`;
    const own = mark < 0 ? "" : target.slice(mark);
    return next(changedRequest(request, { url: `${origin}${rooted}${joinedQuery(own, query)}` }));
  };
}

/** Two queries, each with its `?` or empty, as one. */
function joinedQuery(first: string, second: string): string {
  if (first === "" || first === "?") return second || first;
  return second.length > 1 ? `${first}&${second.slice(1)}` : first;
}
