import type { Cidr } from "./cidr.ts";
import type { HostPattern } from "./host-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";

/** What a value must be: this text, any (`true`: it is there), or one in which the expression finds something. */
export type ValueRule = string | true | RegExp;

/** What a header field, a parameter of the query, or a cookie must be. */
export interface NamedRule {
  /** Of a header field in lower case. */
  readonly name: string;
  readonly value: ValueRule;
}

/** Which requests a route is for: those that keep all of it. */
export interface MatchRules {
  /** Undefined: any. */
  readonly host: HostPattern | undefined;
  /** Undefined: any. */
  readonly path: PathPattern | undefined;
  /**
   * One of these, whose case counts (RFC 9110 §9.1); `GET` does not speak of `HEAD`. None: any.
   *
   * A CORS preflight, which is an OPTIONS with `Origin` and `Access-Control-Request-Method`, is also for the routes of
   * the method that it asks about: the `cors` middleware of a route for `GET` sees the preflights of its requests.
   */
  readonly methods: readonly string[];
  readonly headers: readonly NamedRule[];
  /** Of the query's parameters the first of a name counts. */
  readonly query: readonly NamedRule[];
  readonly cookies: readonly NamedRule[];
  /** The client is in one of these. None: anywhere. */
  readonly clients: readonly Cidr[];
}

/** What every request keeps. */
export const MATCHES_ALL: MatchRules = {
  host: undefined,
  path: undefined,
  methods: [],
  headers: [],
  query: [],
  cookies: [],
  clients: [],
};
