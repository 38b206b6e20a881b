import { parseCidr } from "../../src/config/cidr.ts";
import { type HostPattern, readHostPattern } from "../../src/config/host-pattern.ts";
import { MATCHES_ALL, type MatchRules, type ValueRule } from "../../src/config/match-rules.ts";
import { type PathPattern, readPathPattern } from "../../src/config/path-pattern.ts";
import type { RouteRules } from "../../src/routing/candidate.ts";
import type { RequestView } from "../../src/routing/request-view.ts";

/** Routes and requests as tests write them. */

/** What a route of a test says. */
export interface RouteText {
  readonly priority?: number;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly methods?: readonly string[];
  readonly headers?: Readonly<Record<string, ValueRule>>;
  readonly query?: Readonly<Record<string, ValueRule>>;
  readonly cookies?: Readonly<Record<string, ValueRule>>;
  readonly clients?: readonly string[];
}

/** The rules of a route that matches as the text says. */
export function matchOf({ host, path, methods, headers, query, cookies, clients }: RouteText): MatchRules {
  return {
    ...MATCHES_ALL,
    host: host === undefined ? undefined : read<HostPattern>(readHostPattern(host)),
    path: path === undefined ? undefined : read<PathPattern>(readPathPattern(path)),
    methods: methods ?? [],
    headers: named(headers),
    query: named(query),
    cookies: named(cookies),
    clients: (clients ?? []).map((range) => parseCidr(range, "client")),
  };
}

/** A route with a name. Its payload is what it was made of. */
export function route(name: string, text: RouteText): RouteRules<RouteText> {
  return { name, priority: text.priority ?? 0, match: matchOf(text), payload: text };
}

/** What a request of a test says. */
export interface RequestText {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
  readonly clientAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The view of a request. */
export function view(text: RequestText = {}): RequestView {
  const { headers, ...rest } = text;
  const header = (name: string) => headers?.[name] ?? null;
  return { method: "GET", host: "", path: "/", query: "", clientAddress: "", ...rest, header };
}

function read<P>(pattern: P | string): P {
  if (typeof pattern === "string") throw new Error(pattern);
  return pattern;
}

function named(rules: Readonly<Record<string, ValueRule>> = {}) {
  return Object.entries(rules).map(([name, value]) => ({ name, value }));
}
