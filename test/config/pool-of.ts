import { resolveConfig, type SolePool, solePool } from "../../src/config/config.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";

/** What a config with one pool comes to. */
export function poolOf(config: LoadBalancerConfig): SolePool {
  return solePool(resolveConfig(config));
}
