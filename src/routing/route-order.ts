import type { HostPattern } from "../config/host-pattern.ts";
import type { MatchRules } from "../config/match-rules.ts";
import type { PathPattern } from "../config/path-pattern.ts";

/** What says where a route stands among others. */
export interface Orderable {
  /** Higher is earlier. */
  readonly priority: number;
  readonly match: MatchRules;
}

/**
 * The order in which routes are asked; of all that match a request, the first gets it.
 *
 * 1. Higher `priority` first.
 * 2. The more specific host first: a name, then `*.` and a name, the longer first, then none.
 * 3. The more specific path first, segment by segment from the left: text before a parameter, a parameter before the
 *    `*` at the end, an end before that `*`, and any path before none. So `/a/b` comes before `/a/:x`, that before
 *    `/a/*`, `/a/b/*` before `/a/*`, and `/users/*` before `/:x/posts`.
 * 4. More conditions first, each method list, header, parameter of the query, cookie and client list being one.
 * 5. As in the config.
 *
 * @returns A new list.
 */
export function inOrder<R extends Orderable>(routes: readonly R[]): R[] {
  // Sorting keeps the order of those that are equal.
  return [...routes].sort(
    (a, b) =>
      b.priority - a.priority ||
      compareHosts(a.match.host, b.match.host) ||
      comparePaths(a.match.path, b.match.path) ||
      conditionCount(b.match) - conditionCount(a.match),
  );
}

function compareHosts(a: HostPattern | undefined, b: HostPattern | undefined): number {
  return hostClass(a) - hostClass(b) || (a?.isWildcard && b ? b.name.length - a.name.length : 0);
}

function hostClass(host: HostPattern | undefined): number {
  return host === undefined ? 2 : host.isWildcard ? 1 : 0;
}

function comparePaths(a: PathPattern | undefined, b: PathPattern | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const most = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index <= most; index++) {
    const difference = segmentClass(a, index) - segmentClass(b, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Two that differ in more than their text are never both an end: no path is as long as both. */
function segmentClass({ segments, isPrefix }: PathPattern, index: number): number {
  const segment = segments[index];
  if (segment !== undefined) return "literal" in segment ? 0 : 1;
  return index === segments.length && isPrefix ? 3 : 2;
}

function conditionCount({ methods, headers, query, cookies, clients }: MatchRules): number {
  return (
    Number(methods.length > 0) + headers.length + query.length + cookies.length + Number(clients.length > 0)
  );
}
