import type { Middleware } from "./middleware.ts";
import { urlParts, withPath } from "./path.ts";

/** What is put before a path. */
export interface AddPrefixRules {
  /** Begins with a slash and does not end in one. */
  readonly prefix: string;
}

/** Puts a prefix before the path. Dot segments cannot lead out of it. */
export function createAddPrefix({ prefix }: AddPrefixRules): Middleware {
  return function addPrefix(request, next) {
    const parts = urlParts(request.url);
    return next(withPath(request, parts, prefix + parts.path));
  };
}
