import type { BackendSpec } from "../../src/core/backend.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import type { Policy } from "../../src/simulation/simulation.ts";
import { sampleSpec } from "./sample-backends.ts";

/** What of a policy a test decides by itself; the rest is as `lb serve` has it. */
export interface PolicyChoices extends Partial<Omit<BalancerConfig, "backends">> {
  /** The backends, or how many there are of weight 1. */
  readonly backends: number | readonly BackendSpec[];
  readonly timeoutMs?: number;
  readonly tryTimeoutMs?: number;
  readonly checkIntervalMs?: number | undefined;
}

/** A policy for a simulation. */
export function samplePolicy(choices: PolicyChoices): Policy {
  const { backends, timeoutMs = 60_000, tryTimeoutMs = 0, ...config } = choices;
  const checkIntervalMs = "checkIntervalMs" in choices ? choices.checkIntervalMs : 10_000;
  return {
    balancer: {
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: checkIntervalMs !== undefined },
      retry: { retries: 2, retryOn: ["connect", "reset"] },
      ...config,
      backends:
        typeof backends === "number"
          ? Array.from({ length: backends }, (_, index) => sampleSpec(index))
          : backends,
    },
    attempts: { timeoutMs, tryTimeoutMs, requestTimeoutMs: 0 },
    checkIntervalMs,
  };
}
