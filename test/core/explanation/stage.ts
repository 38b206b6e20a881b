import type { Backend } from "../../../src/core/backend.ts";
import { Balancer } from "../../../src/core/balancer.ts";
import type { BalancerConfig } from "../../../src/core/balancer-config.ts";
import type { PoolVerdict } from "../../../src/core/explanation/pool-verdict.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { VirtualClock } from "../../simulation/virtual-clock.ts";

export const [A, B, C] = ["http://a:1", "http://b:1", "http://c:1"] as const;

export const BASE: BalancerConfig = {
  backends: [A, B, C].map((origin) => ({ origin, weight: 1, tier: 0 })),
  algorithm: "round-robin",
  health: { rise: 1, fall: 1, checked: true },
  retry: { retries: 0, retryOn: [], retryBudgetPercent: 20 } as unknown as BalancerConfig["retry"],
};

/** Two gateway failures in a row eject. */
export const EJECTION = {
  consecutiveGatewayFailures: 2,
  consecutive5xx: 0,
  intervalMs: 10_000,
  ejectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectedPercent: 100,
  successRateDeviation: 0,
  failurePercent: 0,
} as unknown as Exclude<BalancerConfig["outlierDetection"], false | undefined>;

/** Half of two requests open a circuit. */
export const BREAKER = {
  errorPercent: 50,
  minRequests: 2,
  windowMs: 10_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
  probes: 1,
};

/** A balancer of three backends on a clock that stands still. */
export function setUp(config: Partial<BalancerConfig> = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ ...BASE, ...config }, clock, seededRandom(1), () => {});
  const [a, b, c] = balancer.pool.members as [Backend, Backend, Backend];
  return { clock, balancer, a, b, c };
}

/** What is said of each backend. */
export function reasons({ backends }: PoolVerdict): string[] {
  return backends.map(({ reason }) => reason);
}

/** An exchange that begins and fails. */
export function fail(balancer: Balancer, backend: Backend, outcome: Outcome, reason: string): void {
  const startMs = balancer.nowMs();
  balancer.begin(backend, startMs);
  balancer.end(backend, outcome, reason, startMs);
}
