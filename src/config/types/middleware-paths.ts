// Written by `npm run docs` from the schemas: change those.

/** What is put before a path. */
export interface AddPrefixOptions {
  /** The prefix. */
  readonly prefix: string;
}

/** What is put before a path: the prefix alone will do. */
export type AddPrefixConfig = string | AddPrefixOptions;

/** Where clients are sent: elsewhere by `to`, or to the same over TLS by `https`. */
export interface RedirectConfig {
  /**
   * Where: a path, or a whole URL. `{host}`, `{path}` and `{query}` stand for the request's own, the query
   * with its `?`, and `{NAME}` for a parameter of the route's path. Default `https` says it.
   */
  readonly to?: string;
  /**
   * Sends those who do not come over TLS to the same place over TLS; all others pass. Default `to` says
   * where.
   */
  readonly https?: boolean;
  /** For `https`: the port that takes TLS connections. Default 443. */
  readonly port?: number;
  /**
   * The status: 301 and 308 are for good and browsers remember them, 302 and 307 for now, and 303 asks again
   * with GET. 307 and 308 keep method and body. Default 302 with `to`, and 308 with `https`.
   */
  readonly status?: 301 | 302 | 303 | 307 | 308;
  /** For `to`: whether the request's query is kept where `to` says nothing of one. Default: true. */
  readonly keepQuery?: boolean;
}

/** How a path is rewritten. The query stays; a path in which the pattern is not found passes as it is. */
export interface RewriteConfig {
  /**
   * What is looked for in the path, escapes and all. Beware of expressions such as `(a+)+`: some paths take
   * them for ever.
   */
  readonly pattern: string | RegExp | { readonly pattern: string; readonly flags?: string };
  /**
   * What takes the place of what was found: `$1`, `$<name>` and `$&` stand for parts of it. May have a query,
   * which comes before the request's own.
   */
  readonly to: string;
}

/** What is taken off the beginning of a path. */
export interface StripPrefixOptions {
  /** The prefix: whole segments, so that `/api` is no prefix of `/apix`. */
  readonly prefix: string;
  /** Whether the backend is told in `X-Forwarded-Prefix` what was taken off. Default `false`. */
  readonly forwardedPrefix?: boolean;
}

/** What is taken off the beginning of a path: the prefix alone will do. Other paths pass as they are. */
export type StripPrefixConfig = string | StripPrefixOptions;
