import type { HostPattern } from "../config/host-pattern.ts";
import { type Candidate, firstOf } from "./candidate.ts";
import { PathTrie } from "./path-trie.ts";
import type { RequestView } from "./request-view.ts";

/** The routes for one pattern of hosts, or for all of them. */
export class HostRoutes<T> {
  /** The first rank among them. */
  least = Number.POSITIVE_INFINITY;
  /** Those for some paths. */
  readonly #paths = new PathTrie<T>();
  /** Those for all. */
  readonly #anyPath: Candidate<T>[] = [];

  /** Adds a route. Those added earlier come before it in the order. */
  add(candidate: Candidate<T>): void {
    const { path } = candidate.match;
    if (path === undefined) this.#anyPath.push(candidate);
    else this.#paths.add(candidate, path);
    this.least = Math.min(this.least, candidate.rank);
  }

  /** The first of them that a request with the right host matches, if it comes before `best`; else `best`. */
  first(view: RequestView, best: Candidate<T> | undefined): Candidate<T> | undefined {
    const paths = this.#paths;
    const isWanted = paths.least < (best === undefined ? Number.POSITIVE_INFINITY : best.rank);
    return firstOf(this.#anyPath, view, isWanted ? paths.first(view, view.path, best) : best);
  }
}

/** All that is for one host: its own routes, then those of wildcards, then those of every host. */
type Chain<T> = readonly HostRoutes<T>[];

/** A name behind a `*.`, of those with the same hash. */
interface Wildcard<T> {
  readonly name: string;
  readonly chain: Chain<T>;
  readonly next: Wildcard<T> | undefined;
}

/** Finds what is for a host. */
export class HostTable<T> {
  readonly #names = new Map<string, Chain<T>>();
  readonly #wildcards = new Map<number, Wildcard<T>>();
  /** Of the names behind `*.`, in characters. */
  #longestWildcard = 0;
  readonly #others: Chain<T>;

  /** @param candidates In order. */
  constructor(candidates: readonly Candidate<T>[]) {
    const everyHost = new HostRoutes<T>();
    const names = new Map<string, HostRoutes<T>>();
    const wildcards = new Map<string, HostRoutes<T>>();
    for (const candidate of candidates)
      homeOf(candidate.match.host, everyHost, names, wildcards).add(candidate);
    const behind = (host: string): Chain<T> => [
      ...wildcardsOf(host, wildcards),
      ...(everyHost.least < Number.POSITIVE_INFINITY ? [everyHost] : []),
    ];
    this.#others = behind("");
    for (const [name, routes] of names) this.#names.set(name, [routes, ...behind(name)]);
    for (const [name, routes] of wildcards) this.#addWildcard(name, [routes, ...behind(name)]);
  }

  /** Everything that is for the host of a request, which is not asked for if no route names one. */
  of(view: RequestView): Chain<T> {
    if (this.#names.size === 0 && this.#wildcards.size === 0) return this.#others;
    const { host } = view;
    return this.#names.get(host) ?? this.#wildcardOf(host) ?? this.#others;
  }

  #addWildcard(name: string, chain: Chain<T>): void {
    let hash = 0;
    for (let at = name.length - 1; at >= 0; at--) hash = withCharacter(hash, name.charCodeAt(at));
    this.#wildcards.set(hash, { name, chain, next: this.#wildcards.get(hash) });
    this.#longestWildcard = Math.max(this.#longestWildcard, name.length);
  }

  /** Of the longest wildcard that a host is below. The host is read from its end, up to the longest name there is. */
  #wildcardOf(host: string): Chain<T> | undefined {
    let chain: Chain<T> | undefined;
    let hash = 0;
    const last = Math.max(1, host.length - 1 - this.#longestWildcard);
    for (let at = host.length - 1; at >= last; at--) {
      const code = host.charCodeAt(at);
      if (code === DOT) chain = this.#wildcardAt(host, at + 1, hash) ?? chain;
      hash = withCharacter(hash, code);
    }
    return chain;
  }

  #wildcardAt(host: string, start: number, hash: number): Chain<T> | undefined {
    let wildcard = this.#wildcards.get(hash);
    while (wildcard !== undefined) {
      const { name } = wildcard;
      if (name.length === host.length - start && host.endsWith(name)) return wildcard.chain;
      wildcard = wildcard.next;
    }
    return undefined;
  }
}

function homeOf<T>(
  host: HostPattern | undefined,
  everyHost: HostRoutes<T>,
  names: Map<string, HostRoutes<T>>,
  wildcards: Map<string, HostRoutes<T>>,
): HostRoutes<T> {
  if (host === undefined) return everyHost;
  const homes = host.isWildcard ? wildcards : names;
  const home = homes.get(host.name) ?? new HostRoutes<T>();
  homes.set(host.name, home);
  return home;
}

/** The routes of every wildcard that a host is below, the longest first. */
function wildcardsOf<T>(host: string, wildcards: ReadonlyMap<string, HostRoutes<T>>): HostRoutes<T>[] {
  const found: HostRoutes<T>[] = [];
  for (let dot = host.indexOf(".", 1); dot >= 0; dot = host.indexOf(".", dot + 1)) {
    const routes = wildcards.get(host.slice(dot + 1));
    if (routes !== undefined) found.push(routes);
  }
  return found;
}

function withCharacter(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

const DOT = 0x2e;
