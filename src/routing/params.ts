import type { PathPattern } from "../config/path-pattern.ts";

/** What a path has in place of a pattern's parameters, by their names. */
export type Params = Readonly<Record<string, string>>;

/** Of patterns without parameters. */
export const NO_PARAMS: Params = Object.freeze({});

/**
 * What a path has in place of a pattern's parameters: `/users/a%20b` gives `/users/:id` the id `a%20b`. Escapes stay,
 * so that a value may be put into another path or a header as it is; `decodeURIComponent` makes text of it.
 *
 * @param path One that the pattern is for.
 */
export function paramsOf({ segments }: PathPattern, path: string): Params {
  let params: Record<string, string> | undefined;
  let start = 1;
  for (const segment of segments) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    if ("parameter" in segment) {
      params ??= {};
      params[segment.parameter] = path.slice(start, end);
    }
    start = end + 1;
  }
  return params ?? NO_PARAMS;
}
