import { matchesHost } from "../config/host-pattern.ts";
import { matchesPath } from "../config/path-pattern.ts";
import { Candidate, type Match, type RouteRules } from "./candidate.ts";
import { HostTable } from "./host-table.ts";
import type { RequestView } from "./request-view.ts";
import { inOrder } from "./route-order.ts";

/** What a table says of one route and a request. */
export interface RouteVerdict {
  readonly name: string;
  /** Whether it is the one that gets the request. */
  readonly isMatch: boolean;
  /** Why it is or is not, in words: `method is GET, expected POST`. */
  readonly reason: string;
}

/**
 * Which route a request takes, among few or a thousand at about the same cost. Made once for a config, and never
 * changed: a map of hosts, a trie of paths for each, and lists of those who differ in other conditions.
 *
 * In what order routes are asked is said at `inOrder`. A match makes no objects, and no strings but the values that
 * conditions look at.
 */
export class RouteTable<T> {
  /** In the order in which they are asked. */
  readonly #candidates: readonly Candidate<T>[];
  readonly #hosts: HostTable<T>;

  /** @param routes As in the config; the order counts for those that are alike in all else. */
  constructor(routes: readonly RouteRules<T>[]) {
    this.#candidates = inOrder(routes).map((route, rank) => new Candidate(route, rank));
    this.#hosts = new HostTable(this.#candidates);
  }

  /** The routes in the order in which they are asked. */
  get routes(): readonly Match<T>[] {
    return this.#candidates;
  }

  /** The first route that a request matches; undefined if there is none. */
  match(view: RequestView): Match<T> | undefined {
    const chain = this.#hosts.of(view);
    let best: Candidate<T> | undefined;
    for (let index = 0; index < chain.length; index++) {
      const routes = chain[index] as (typeof chain)[number];
      if (best === undefined || routes.least < best.rank) best = routes.first(view, best);
    }
    return best;
  }

  /**
   * For each route in order, whether a request takes it and why not: the first thing that is not as the route says,
   * or that an earlier one has taken it. Looks at all of them, and so is for people.
   */
  explain(view: RequestView): RouteVerdict[] {
    let taker: string | undefined;
    return this.#candidates.map((candidate) => {
      const { name } = candidate;
      const failure = placeFailure(candidate, view) ?? candidate.failure(view);
      if (failure !== undefined) return { name, isMatch: false, reason: failure };
      if (taker !== undefined)
        return { name, isMatch: false, reason: `not reached: ${taker} matched before` };
      taker = name;
      return { name, isMatch: true, reason: "matched" };
    });
  }
}

/** What is wrong with a request's host or path, in words. */
function placeFailure<T>({ match: { host, path } }: Candidate<T>, view: RequestView): string | undefined {
  if (host !== undefined && !matchesHost(host, view.host)) {
    return view.host === ""
      ? `the request names no host, expected ${host.text}`
      : `host is ${view.host}, expected ${host.text}`;
  }
  if (path === undefined || matchesPath(path, view.path)) return undefined;
  const isPlainPrefix = path.isPrefix && !path.segments.some((segment) => "parameter" in segment);
  return isPlainPrefix
    ? `path ${view.path} is not below ${path.text.slice(0, -1)}`
    : `path is ${view.path}, expected ${path.text}`;
}
