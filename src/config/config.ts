import { backendsSchema } from "./backends.ts";
import { BACKENDS_DOC, POOL, POOL_DEFAULTS } from "./pool.ts";
import { DEFAULT_POOL } from "./pool-name.ts";
import { poolsSchema } from "./pools.ts";
import type { ResolvedConfig } from "./resolved-config.ts";
import { middlewaresSchema, routesSchema } from "./routes.ts";
import { check } from "./schema/check.ts";
import { defaultsOf, named, optional, withDefault } from "./schema/keys.ts";
import { listOf, orFalse } from "./schema/shapes.ts";
import { cidr, urlPath, yesOrNo } from "./schema/values.ts";
import { withRoutes } from "./site.ts";
import type { LoadBalancerConfig } from "./types/config.ts";

const STATUS_PATH = "/lb-status";

/** The keys of what holds for all pools. */
export const SHARED = {
  trustedProxies: withDefault(
    "The proxies whose `X-Forwarded-*`, `Forwarded` and `X-Real-IP` are believed, as addresses or CIDRs.",
    listOf(cidr()),
    [],
  ),
  middleware: withDefault(
    "What all requests and their answers pass through, in this order, before what their route says.",
    middlewaresSchema,
    [],
  ),
  forwarded: withDefault(
    "Also send the standard `Forwarded` header (RFC 7239) to the backends.",
    yesOrNo(),
    false,
  ),
  statusPath: withDefault(
    "Where the balancer answers with its own status; `false` turns it off.",
    orFalse(urlPath(STATUS_PATH)),
    STATUS_PATH,
  ),
};

const SITES = {
  backends: optional(
    `${BACKENDS_DOC} They are the pool \`${DEFAULT_POOL}\`.`,
    backendsSchema,
    "those of `pools`, of which then there must be one",
  ),
  pools: optional(
    "Several pools, by their names. What one does not say it has from the keys beside this one; of objects such as `healthCheck`, each key by itself.",
    poolsSchema,
    "the backends are one pool",
  ),
  routes: withDefault(
    "Which requests go where: the most specific route that matches gets a request. What none matches is answered 404.",
    routesSchema,
    [],
  ),
};

/** The keys of a load balancer. Its type is written down: what the compiler makes of it is too long for it. */
export const LOAD_BALANCER: typeof SITES & typeof POOL & typeof SHARED = { ...SITES, ...POOL, ...SHARED };

/** Every default in one place; flags, docs and library read them here. */
export const DEFAULTS = { ...POOL_DEFAULTS, ...defaultsOf(SHARED) };

/** A load balancer. */
export const loadBalancerSchema = named(
  "LoadBalancerConfig",
  "How a load balancer is set up: what a user writes. It has `backends`, `pools` or both; every other key has a default.",
  withRoutes(LOAD_BALANCER),
  { base: "PoolDefaults" },
);

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError with all that is wrong.
 */
export function resolveConfig(config: LoadBalancerConfig): ResolvedConfig {
  return check(loadBalancerSchema, config);
}
