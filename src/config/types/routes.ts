// Written by `npm run docs` from the schemas: change those.
import type { MiddlewareConfig } from "./middleware.ts";

/**
 * What a value must be: a text, `true` for any, or a regular expression that finds something in it, which is
 * `{ pattern, flags }` in a file.
 */
export type ValueMatchConfig = string | true | RegExp | { readonly pattern: string; readonly flags?: string };

/** Which requests a route is for: those that keep all of it. */
export interface MatchConfig {
  /**
   * The host that is asked for: `api.example.com`, or `*.example.com` for all names below it, at any depth.
   * Default: any.
   */
  readonly host?: string;
  /**
   * The path: `/a` and no other, `/a/*` for `/a` and all below it, `/users/:id/posts` with anything in place
   * of `:id`. Paths are compared without dot segments, and with no more escapes than they need. Default: any.
   */
  readonly path?: string;
  /**
   * The methods, whose case counts. A CORS preflight is also for the routes of the method that it asks about.
   * Default: any.
   */
  readonly method?: readonly string[];
  /** What header fields must be, by their names. Default: any. */
  readonly headers?: Readonly<Record<string, ValueMatchConfig>>;
  /** What the query's parameters must be when they are decoded; the first of a name counts. Default: any. */
  readonly query?: Readonly<Record<string, ValueMatchConfig>>;
  /** What cookies must be. Default: any. */
  readonly cookies?: Readonly<Record<string, ValueMatchConfig>>;
  /** Where the client is, by addresses or CIDRs; what trusted proxies say of it counts. Default: anywhere. */
  readonly client?: readonly string[];
}

/** How a route's requests are divided among several pools. */
export interface SplitConfig {
  /** Each pool's weight, relative to the others': a whole number. One with 0 gets nothing. */
  readonly pools: Readonly<Record<string, number>>;
  /**
   * What requests have in common that go to the same pool: the client's address, `ip`, or the value of
   * `header:NAME` or of `cookie:NAME`. When weights change, only those move that must. Requests without a
   * value have their turn. Default: each request has its turn.
   */
  readonly by?: "ip" | `header:${string}` | `cookie:${string}`;
}

/** A pool that gets copies of requests. Its answers are dropped. */
export interface MirrorConfig {
  /** The pool's name. */
  readonly pool: string;
  /** How many of the requests are copied, in percent. Default 100. */
  readonly percent?: number;
}

/**
 * Some of the requests, and what becomes of them. It has a `pool`, a `split` or a middleware that answers.
 */
export interface RouteConfig {
  /** What the route is called in logs, metrics and explanations. Default: its host and path. */
  readonly name?: string;
  /** Which requests it is for. Default: all. */
  readonly match?: MatchConfig;
  /**
   * Higher is asked earlier. Among equals the more specific route is: by host, then by path, then by how much
   * else it asks for. Default 0.
   */
  readonly priority?: number;
  /** The pool that gets its requests. Default: none, where there is `split` or a middleware that answers. */
  readonly pool?: string;
  /** Several pools that share its requests by weight. Default: one pool gets them. */
  readonly split?: SplitConfig;
  /** A pool that gets copies of its requests. Default: none. */
  readonly mirror?: MirrorConfig;
  /** What its requests and their answers pass through, in this order. Default: none. */
  readonly middleware?: readonly MiddlewareConfig[];
  /**
   * The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit. Default:
   * the pool's.
   */
  readonly timeoutMs?: number;
  /**
   * The longest time from the end of a request's head to the last byte of its answer, in milliseconds; 0 is
   * no limit. Default: the pool's.
   */
  readonly requestTimeoutMs?: number;
  /** How urgent its requests are where they wait for room, from 0, the most urgent, to 9. Default 5. */
  readonly queuePriority?: number;
}
