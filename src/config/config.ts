import { backendsSchema } from "./backends.ts";
import { MATCHES_ALL } from "./match-rules.ts";
import { BACKENDS_DOC, POOL, POOL_DEFAULTS } from "./pool.ts";
import { DEFAULT_POOL, poolsSchema, withPools } from "./pools.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import type { ResolvedConfig, ResolvedPool, ResolvedShared } from "./resolved.ts";
import { middlewaresSchema, type RouteSettings, routesSchema, unknownPools } from "./routes.ts";
import { check } from "./schema/check.ts";
import { defaultsOf, named, optional, withDefault } from "./schema/keys.ts";
import { listOf, orFalse } from "./schema/shapes.ts";
import { cidr, orList, urlPath, yesOrNo } from "./schema/values.ts";
import type { LoadBalancerConfig } from "./types/config.ts";

const STATUS_PATH = "/lb-status";

const SHARED = {
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

/** The keys of a load balancer. */
export const LOAD_BALANCER = {
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
  ...POOL,
  ...SHARED,
};

/** Every default in one place; flags, docs and library read them here. */
export const DEFAULTS = { ...POOL_DEFAULTS, ...defaultsOf(SHARED) };

/** A load balancer. */
export const loadBalancerSchema = named(
  "LoadBalancerConfig",
  "How a load balancer is set up: what a user writes. It has `backends`, `pools` or both; every other key has a default.",
  withPools(LOAD_BALANCER),
  { base: "PoolDefaults" },
);

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError with all that is wrong.
 */
export function resolveConfig(config: LoadBalancerConfig): ResolvedConfig {
  const resolved: ResolvedConfig = check(loadBalancerSchema, config);
  const { pools, routes } = resolved;
  const names = [...pools.keys()];
  const problems = [...unknownPools(routes, names), ...noRoutes(routes, names)];
  if (problems.length > 0) throw new ConfigError(problems);
  return routes.length > 0 ? resolved : { ...resolved, routes: [allTo(names[0] as string)] };
}

/** Without routes, there must be but one pool that requests could go to. */
function noRoutes(routes: readonly RouteSettings[], pools: readonly string[]): ConfigProblem[] {
  if (routes.length > 0 || pools.length === 1) return [];
  const message = `found none, expected which requests go to ${orList(pools)}`;
  return [{ path: ["routes"], place: "routes", message }];
}

/** The one route of a config that has none. */
function allTo(pool: string): RouteSettings {
  return { name: "*", match: MATCHES_ALL, priority: 0, pool, middleware: [] };
}

/** The one pool of a config, together with what holds for all. */
export type SolePool = ResolvedPool & ResolvedShared;

/** @throws ConfigError unless there is one pool. */
export function solePool({ pools, ...shared }: ResolvedConfig): SolePool {
  const [pool, ...others] = pools.values();
  if (pool !== undefined && others.length === 0) return { ...pool, ...shared };
  const message = `found ${[...pools.keys()].join(", ")}, expected one pool`;
  throw new ConfigError([{ path: ["pools"], place: "pools", message }]);
}
