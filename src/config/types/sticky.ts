// Written by `npm run docs` from the schemas: change those.

/** Sessions by a cookie of the balancer's: every client has its own. */
export interface StickyCookieConfig {
  /** By a cookie of the balancer's. */
  readonly by: "cookie";
  /** The cookie's name. Default `"lb"`. */
  readonly name?: string;
  /** The paths that the cookie is for. Default `"/"`. */
  readonly path?: string;
  /** The domain that the cookie is for, its subdomains included. Default: the host that was asked, alone. */
  readonly domain?: string;
  /**
   * Whether the cookie goes over TLS alone. With `sameSite` `none`, and a name that begins with `__Host-` or
   * `__Secure-`, it does. Default: where the client speaks TLS, to us or, if it says so, to one of
   * `trustedProxies`.
   */
  readonly secure?: boolean;
  /** Whether scripts cannot see the cookie. Default `true`. */
  readonly httpOnly?: boolean;
  /** When a browser sends the cookie with requests that come from other sites. Default `"lax"`. */
  readonly sameSite?: "lax" | "strict" | "none";
  /**
   * How long a browser keeps the cookie from when it was set, in seconds, up to 400 days. Default: as long as
   * it runs.
   */
  readonly maxAgeSeconds?: number;
  /**
   * What the cookie's values are made with, at least 16 characters: the same in all processes that are to
   * know them. Default: one of chance, for each balancer.
   */
  readonly secret?: string;
  /** How long a backend that drains keeps its sessions, in milliseconds; 0 is not at all. Default 300,000. */
  readonly drainGraceMs?: number;
}

/** Sessions by something that requests have of themselves, in a table of the balancer's. */
export interface StickyTableConfig {
  /** By the client's address, or by a header field. */
  readonly by: "ip" | `header:${string}`;
  /** How long a backend that drains keeps its sessions, in milliseconds; 0 is not at all. Default 300,000. */
  readonly drainGraceMs?: number;
  /**
   * The most sessions that are remembered; then the one that was quiet for longest is forgotten. Default
   * 100,000.
   */
  readonly maxSessions?: number;
  /** How long a session may be quiet until it is forgotten, in milliseconds. Default 1,800,000. */
  readonly idleTimeoutMs?: number;
}

/** What keeps a client's requests at one backend. */
export type StickyConfig = StickyCookieConfig | StickyTableConfig;
