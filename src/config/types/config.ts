// Written by `npm run docs` from the schemas: change those.
import type { BackendConfig } from "./backends.ts";
import type { MiddlewareConfig } from "./middleware.ts";
import type { PoolConfig, PoolDefaults } from "./pool.ts";
import type { RouteConfig } from "./routes.ts";

/**
 * How a load balancer is set up: what a user writes. It has `backends`, `pools` or both; every other key has
 * a default.
 */
export interface LoadBalancerConfig extends PoolDefaults {
  /**
   * Where requests go: at least one origin, each once. They are the pool `default`. Default: those of
   * `pools`, of which then there must be one.
   */
  readonly backends?: readonly BackendConfig[];
  /**
   * Several pools, by their names. What one does not say it has from the keys beside this one; of objects
   * such as `healthCheck`, each key by itself. Default: the backends are one pool.
   */
  readonly pools?: Readonly<Record<string, PoolConfig>>;
  /**
   * Which requests go where: the most specific route that matches gets a request. What none matches is
   * answered 404. Default: none.
   */
  readonly routes?: readonly RouteConfig[];
  /**
   * The proxies whose `X-Forwarded-*`, `Forwarded` and `X-Real-IP` are believed, as addresses or CIDRs.
   * Default: none.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * What all requests and their answers pass through, in this order, before what their route says. Default:
   * none.
   */
  readonly middleware?: readonly MiddlewareConfig[];
  /** Also send the standard `Forwarded` header (RFC 7239) to the backends. Default `false`. */
  readonly forwarded?: boolean;
  /** Where the balancer answers with its own status; `false` turns it off. Default `"/lb-status"`. */
  readonly statusPath?: string | false;
}
