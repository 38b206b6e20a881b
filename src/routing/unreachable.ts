import { type Cidr, isInside } from "../config/cidr.ts";
import { type HostPattern, matchesHost } from "../config/host-pattern.ts";
import type { MatchRules, NamedRule, ValueRule } from "../config/match-rules.ts";
import type { PathPattern } from "../config/path-pattern.ts";
import type { RouteRules } from "./candidate.ts";
import { inOrder } from "./route-order.ts";

/** A route that no request gets to. */
export interface Unreachable {
  /** Its name. */
  readonly route: string;
  /** The name of the route before it that takes all that it would match. */
  readonly takenBy: string;
}

/**
 * The routes that can never be reached, since one before them is for every request that they are for. There may be
 * more, which several take together, or whose expressions mean the same.
 */
export function unreachableRoutes(routes: readonly RouteRules<unknown>[]): Unreachable[] {
  const ordered = inOrder(routes);
  return ordered.flatMap((route, rank) => {
    const taker = ordered.slice(0, rank).find((before) => covers(before.match, route.match));
    return taker === undefined ? [] : [{ route: route.name, takenBy: taker.name }];
  });
}

/** The same as sentences for whoever wrote the config. */
export function unreachableWarnings(routes: readonly RouteRules<unknown>[]): string[] {
  return unreachableRoutes(routes).map(
    ({ route, takenBy }) =>
      `routes: no request can reach "${route}", since "${takenBy}" comes before it and takes them all; a higher priority would let it be asked first`,
  );
}

/** Whether every request that `b` is for is one for `a`. */
function covers(a: MatchRules, b: MatchRules): boolean {
  return (
    coversHost(a.host, b.host) &&
    coversPath(a.path, b.path) &&
    (a.methods.length === 0 || (b.methods.length > 0 && b.methods.every((one) => a.methods.includes(one)))) &&
    (a.clients.length === 0 || (b.clients.length > 0 && b.clients.every((one) => isInOne(one, a.clients)))) &&
    coversValues(a.headers, b.headers) &&
    coversValues(a.query, b.query) &&
    coversValues(a.cookies, b.cookies)
  );
}

function coversHost(a: HostPattern | undefined, b: HostPattern | undefined): boolean {
  if (a === undefined) return true;
  if (b === undefined) return false;
  if (!b.isWildcard) return matchesHost(a, b.name);
  return a.isWildcard && (a.name === b.name || matchesHost(a, b.name));
}

function coversPath(a: PathPattern | undefined, b: PathPattern | undefined): boolean {
  if (a === undefined || (a.isPrefix && a.segments.length === 0)) return true;
  if (b === undefined) return false;
  const isLongEnough = a.isPrefix
    ? b.segments.length >= a.segments.length
    : !b.isPrefix && b.segments.length === a.segments.length;
  return (
    isLongEnough &&
    a.segments.every((segment, index) => {
      const other = b.segments[index] as PathPattern["segments"][number];
      if ("parameter" in segment) return "parameter" in other || other.literal !== "";
      return "literal" in other && other.literal === segment.literal;
    })
  );
}

/** Whether whoever keeps the rules of `b` keeps those of `a`. */
function coversValues(a: readonly NamedRule[], b: readonly NamedRule[]): boolean {
  return a.every((rule) =>
    b.some((other) => other.name === rule.name && coversValue(rule.value, other.value)),
  );
}

function coversValue(a: ValueRule, b: ValueRule): boolean {
  if (a === true || a === b) return true;
  if (!(a instanceof RegExp)) return false;
  if (b instanceof RegExp) return a.source === b.source && a.flags === b.flags;
  return typeof b === "string" && new RegExp(a.source, a.flags.replace(/[gy]/g, "")).test(b);
}

function isInOne(range: Cidr, others: readonly Cidr[]): boolean {
  return others.some((other) => isInside(range, other));
}
