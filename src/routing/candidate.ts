import type { MatchRules } from "../config/match-rules.ts";
import { type Condition, conditionsOf } from "./conditions.ts";
import { NO_PARAMS, type Params, paramsOf } from "./params.ts";
import type { RequestView } from "./request-view.ts";

/** A route as a table takes it. */
export interface RouteRules<T> {
  /** What it is called, in logs and explanations. */
  readonly name: string;
  /** Higher is asked earlier. */
  readonly priority: number;
  /** Which requests it is for. */
  readonly match: MatchRules;
  /** What becomes of its requests: whatever whoever has the table wants to find again. */
  readonly payload: T;
}

/** The route that a request has matched. The same object for all its requests. */
export interface Match<T> {
  readonly name: string;
  readonly payload: T;
  /**
   * What the path has in place of the pattern's parameters, escapes as they are in it.
   *
   * @param path The view's, of a request that matched.
   */
  params(path: string): Params;
}

/** A route in a table. */
export class Candidate<T> implements Match<T> {
  readonly name: string;
  readonly payload: T;
  readonly match: MatchRules;
  /** Its place in the order of all routes: 0 is asked first. */
  readonly rank: number;
  readonly #conditions: readonly Condition[];

  constructor({ name, payload, match }: RouteRules<T>, rank: number) {
    this.name = name;
    this.payload = payload;
    this.match = match;
    this.rank = rank;
    this.#conditions = conditionsOf(match);
  }

  /** Whether a request with the right host and path keeps all else. */
  holds(view: RequestView): boolean {
    const conditions = this.#conditions;
    for (let index = 0; index < conditions.length; index++) {
      if (!(conditions[index] as Condition).holds(view)) return false;
    }
    return true;
  }

  /** Why a request with the right host and path does not match, in words; undefined if it does. */
  failure(view: RequestView): string | undefined {
    return this.#conditions.find((condition) => !condition.holds(view))?.failure(view);
  }

  params(path: string): Params {
    const { path: pattern } = this.match;
    return pattern === undefined ? NO_PARAMS : paramsOf(pattern, path);
  }
}

/**
 * The first of some candidates that a request matches, if it comes before `best`.
 *
 * @param candidates In order; each has the request's host and path.
 */
export function firstOf<T>(
  candidates: readonly Candidate<T>[],
  view: RequestView,
  best: Candidate<T> | undefined,
): Candidate<T> | undefined {
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index] as Candidate<T>;
    if (best !== undefined && candidate.rank > best.rank) return best;
    if (candidate.holds(view)) return candidate;
  }
  return best;
}
