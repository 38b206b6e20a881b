import { resolveConfig } from "../../src/config/config.ts";
import type { ResolvedPool } from "../../src/config/resolved.ts";
import type { ResolvedShared } from "../../src/config/resolved-config.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";

/** What a config with one pool comes to, but for its routes. */
export function poolOf(config: LoadBalancerConfig): ResolvedPool & ResolvedShared {
  const { pools, routes: _, ...shared } = resolveConfig(config);
  const [pool, ...others] = pools.values();
  if (pool === undefined || others.length > 0) throw new Error("expected a config with one pool");
  return { ...pool, ...shared };
}
