import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { type ScriptedBalancer, scriptedBalancer } from "../proxy/scripted-balancer.ts";
import type { Script } from "../simulation/scripted-transport.ts";

export const API = "http://api:1";
export const WEB = "http://web:1";
export const SHADOW = "http://shadow:1";

/** What tests of several pools begin with. */
export const POOLS = {
  api: { backends: [API] },
  web: { backends: [WEB] },
  shadow: { backends: [SHADOW] },
} as const;

export const ok: Script = () => new Response("ok");

/** A balancer of several pools whose backends are scripted; it has no health checks unless `config` says so. */
export function poolsBalancer(
  config: Omit<LoadBalancerConfig, "backends">,
  script: Script = ok,
): ScriptedBalancer {
  return scriptedBalancer(script, {
    backends: undefined,
    pools: POOLS,
    ...config,
  } as unknown as LoadBalancerConfig);
}

/** A request by path, perhaps with more. */
export function to(path: string, init: RequestInit = {}): Request {
  return new Request(`http://lb${path}`, init);
}
