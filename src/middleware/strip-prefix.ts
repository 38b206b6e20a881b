import { changedRequest } from "../proxy/changed-request.ts";
import type { Middleware } from "./middleware.ts";
import { prefixEnd, urlParts } from "./path.ts";

/** What is taken off the beginning of a path. */
export interface StripPrefixRules {
  /** Begins with a slash and does not end in one. Whole segments: `/api` is no prefix of `/apix`. */
  readonly prefix: string;
  /** Whether the backend is told what was taken off, in `X-Forwarded-Prefix`. */
  readonly forwardedPrefix: boolean;
}

/**
 * Takes a prefix off the path; of the prefix alone `/` is left. A path that does not begin with it passes as it is.
 */
export function createStripPrefix({ prefix, forwardedPrefix }: StripPrefixRules): Middleware {
  return function stripPrefix(request, next) {
    const { origin, path, query } = urlParts(request.url);
    const end = prefixEnd(path, prefix);
    if (end < 0) return next(request);
    const url = `${origin}${path.slice(end) || "/"}${query}`;
    if (!forwardedPrefix) return next(changedRequest(request, { url }));
    const headers = new Headers(request.headers);
    headers.set(FORWARDED_PREFIX, prefix);
    return next(changedRequest(request, { url, headers, vouched: VOUCHED }));
  };
}

const FORWARDED_PREFIX = "x-forwarded-prefix";
const VOUCHED = [FORWARDED_PREFIX];
