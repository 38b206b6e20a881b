// Written by `npm run docs` from the schemas: change those.
import type { MatchConfig } from "./match.ts";
import type { MiddlewareConfig } from "./middleware.ts";

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
