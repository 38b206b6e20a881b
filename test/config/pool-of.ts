import { resolveConfig } from "../../src/config/config.ts";
import type { ResolvedPool } from "../../src/config/resolved.ts";
import type { ResolvedConfig, ResolvedShared } from "../../src/config/resolved-config.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";

/** What a config with one pool comes to, but for its routes. */
export function poolOf(config: LoadBalancerConfig): ResolvedPool & ResolvedShared {
  return solePool(resolveConfig(config));
}

/** The same of one that was checked. */
export function solePool({ pools, routes: _, ...shared }: ResolvedConfig): ResolvedPool & ResolvedShared {
  const [pool, ...others] = pools.values();
  if (pool === undefined || others.length > 0) throw new Error("expected a config with one pool");
  return { ...pool, ...shared };
}
