import { parseAlgorithm } from "../../config/algorithm.ts";
import { resolveConfig } from "../../config/config.ts";
import { DEFAULT_POOL } from "../../config/pool-name.ts";
import { ConfigError } from "../../config/problem.ts";
import type { ResolvedPool } from "../../config/resolved.ts";
import type { LoadBalancerConfig } from "../../config/types/config.ts";
import { ALGORITHMS, type Algorithm } from "../../core/picking/index.ts";
import type { PickerFactory } from "../../core/picking/picker.ts";
import { DISTRIBUTIONS } from "../../simulation/distribution.ts";
import { CALM, type Scenario } from "../../simulation/scenario.ts";
import type { Policy } from "../../simulation/simulation.ts";
import type { Given } from "../given.ts";
import { policyOf } from "../given-config.ts";
import { ALL, DEFAULT_BACKENDS } from "./simulate-flags.ts";

/** Everything that `lb simulate` was told, checked. */
export interface SimulateSettings {
  /** What the balancer is put through. */
  readonly scenario: Scenario;
  /** How many backends there are. */
  readonly backends: number;
  /** One for each algorithm, in the order asked for; they differ in nothing else. */
  readonly policies: readonly Policy[];
  /** Whether the results are for a program. */
  readonly isJson: boolean;
  /** Where the chart goes; undefined for none. */
  readonly svg: string | undefined;
}

/**
 * Reads and checks what was given to `lb simulate`.
 *
 * @throws ConfigError that names the flag that is wrong.
 */
export function simulateSettings(given: Given): SimulateSettings {
  const backends = given.wholeNumber("backends", 1, 10_000) ?? DEFAULT_BACKENDS;
  const origins = Array.from({ length: backends }, (_, index) => originOf(index));
  const config = resolvedOf(given, { backends: origins, ...policyOf(given) });
  const { healthCheck } = config;
  const health = { rise: 1, fall: 1, ...healthCheck, checked: healthCheck !== false };
  const algorithms = new Set([config.algorithm, ...comparedOf(given)]);
  return {
    scenario: scenarioOf(given),
    backends,
    // Put together as in production, so that whatever the balancer is told there it is told here.
    policies: [...algorithms].map((algorithm) => ({
      balancer: { ...config, algorithm, health, retry: config },
      attempts: config,
      checkIntervalMs: healthCheck === false ? undefined : healthCheck.intervalMs,
    })),
    isJson: given.isOn("json"),
    svg: given.text("svg"),
  };
}

/** Checks a config that was made of what was given. @throws ConfigError that names the flag that is wrong. */
function resolvedOf(given: Given, config: LoadBalancerConfig): ResolvedPool {
  try {
    // Flags name backends, and so one pool.
    return resolveConfig(config).pools.get(DEFAULT_POOL) as ResolvedPool;
  } catch (error) {
    throw error instanceof ConfigError ? given.inUsersWords(error) : error;
  }
}

function scenarioOf(given: Given): Scenario {
  const seconds = given.wholeNumber("seconds", 1, 86_400);
  return {
    seed: given.wholeNumber("seed", 0, 2 ** 32 - 1) ?? CALM.seed,
    requestsPerSecond: given.wholeNumber("rps", 1, 1_000_000) ?? CALM.requestsPerSecond,
    durationMs: seconds === undefined ? CALM.durationMs : seconds * 1000,
    clients: given.wholeNumber("clients", 1, 1_000_000) ?? CALM.clients,
    postShare: given.share("post") ?? CALM.postShare,
    patienceMs: given.durationMs("patience", true) ?? CALM.patienceMs,
    serviceMs: given.durationMs("service-time") ?? CALM.serviceMs,
    distribution: given.oneOf("distribution", DISTRIBUTIONS) ?? CALM.distribution,
    concurrency: given.wholeNumber("concurrency", 1, 10_000) ?? CALM.concurrency,
    slowShare: given.share("slow") ?? CALM.slowShare,
    slowness: given.wholeNumber("slow-factor", 1, 1000) ?? CALM.slowness,
    crashShare: given.share("crash") ?? CALM.crashShare,
    crashEveryMs: given.durationMs("crash-every") ?? CALM.crashEveryMs,
    restartMs: given.durationMs("restart-after") ?? CALM.restartMs,
    faultyShare: given.share("faulty") ?? CALM.faultyShare,
    refusals: given.share("refuse") ?? CALM.refusals,
    resets: given.share("reset") ?? CALM.resets,
    errors: given.share("errors") ?? CALM.errors,
    unavailable: given.share("unavailable") ?? CALM.unavailable,
  };
}

function comparedOf(given: Given): readonly (Algorithm | PickerFactory)[] {
  const words = given.list("compare") ?? [];
  if (words.includes(ALL)) return ALGORITHMS;
  try {
    // Checked right here.
    return words.map((word) => parseAlgorithm(word as Algorithm));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.message.replace("algorithm", given.place("compare")));
  }
}

/** An address for a backend that nobody connects to (RFC 1918). */
function originOf(index: number): string {
  return `http://10.0.${index >> 8}.${index & 0xff}:80`;
}
