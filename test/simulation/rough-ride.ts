import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import { ALGORITHMS } from "../../src/core/picking/index.ts";
import { LAST_PRIORITY } from "../../src/core/queue.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import type { QueueRules } from "../../src/core/waiting.ts";
import { SOUND } from "../../src/simulation/modelled-server.ts";
import { CALM, type Scenario } from "../../src/simulation/scenario.ts";
import { type Policy, Simulation, type SimulationDeps } from "../../src/simulation/simulation.ts";
import { sampleSpec } from "./sample-backends.ts";
import { samplePolicy } from "./sample-policy.ts";

/** What modelled servers do that may be tried again: they answer with no status that may. */
const FAILURES = ["connect", "reset", "timeout"] as const;

/** Everything goes wrong until this moment of a ride; from then on all servers are sound. */
const TROUBLE_MS = 6_000;
/** So long it may take until the balancer knows. */
const RECOVERY_MS = 16_000;
/** Peak EWMA forgets a latency of some seconds, among those of a millisecond, in nine times its ten seconds. */
const FORGETTING_MS = 100_000;
/** What is fair with unlike weights depends on the latencies where these decide. */
const BY_LATENCY: readonly unknown[] = ["peak-ewma"];
/** What each unit of weight then gets at least, on average, for its share to be judged. */
const FAIR_REQUESTS = 60;

/** A run with random faults, and what it was made of. */
export interface RoughRide {
  readonly policy: Policy;
  readonly simulation: Simulation;
  /** When everybody has been healthy for so long that traffic must be fair again, in the clock's milliseconds. */
  readonly fairFromMs: number;
}

/**
 * Makes a run out of a seed: backends, policy, clients, and servers that crash, lie, dawdle, leave and come back.
 * The same seed is the same run.
 */
export function roughRide(seed: number, deps: SimulationDeps): RoughRide {
  const chance = seededRandom(seed);
  const policy = policyFrom(chance, seed);
  const { backends } = policy.balancer;
  const weight = backends.reduce((sum, spec) => sum + spec.weight, 0);
  const isForgetting = policy.balancer.algorithm === "peak-ewma";
  // Who takes so long is spared the crowd, or it would be most of the work.
  const requestsPerSecond = 30 + chance.below(isForgetting ? 70 : 270);
  const serviceMs = 1 + chance.below(20);
  const recoveryMs = isForgetting ? FORGETTING_MS : RECOVERY_MS;
  const fairMs = (weight * FAIR_REQUESTS * 1000) / requestsPerSecond;
  const scenario: Scenario = {
    ...CALM,
    seed,
    requestsPerSecond,
    durationMs: TROUBLE_MS + recoveryMs + fairMs,
    postShare: 0.3,
    patienceMs: chance.below(2) === 0 ? 0 : 50 + chance.below(500),
    serviceMs,
    // With times that differ by chance, the shares of algorithms that go by them do so as well.
    distribution: "constant",
    // While all are well, one alone can do it.
    concurrency: Math.ceil((2 * requestsPerSecond * serviceMs) / 1000) + chance.below(4),
  };
  const simulation = new Simulation(policy, scenario, { priorityOf, ...deps });
  const startMs = simulation.time.nowMs();
  for (let trouble = 10 + chance.below(40); trouble > 0; trouble--) {
    simulation.time.after(chance.below(TROUBLE_MS), () => makeTrouble(simulation, policy.balancer, chance));
  }
  simulation.time.after(TROUBLE_MS, () => {
    simulation.reconfigure(policy.balancer);
    for (const server of simulation.servers) {
      server.restart();
      server.conditions = SOUND;
    }
  });
  return { policy, simulation, fairFromMs: startMs + TROUBLE_MS + recoveryMs };
}

function policyFrom(chance: Random, seed: number): Policy {
  // By turns, so that every one has its part of the seeds.
  const algorithm = ALGORITHMS[seed % ALGORITHMS.length] ?? "round-robin";
  const heaviest = BY_LATENCY.includes(algorithm) ? 1 : 4;
  const backends = Array.from({ length: 1 + chance.below(8) }, (_, index) =>
    sampleSpec(index, 1 + chance.below(heaviest), chance.below(4) === 0 ? 1 : 0),
  );
  const isChecked = chance.below(4) > 0;
  return samplePolicy({
    backends,
    algorithm,
    health: { rise: 1 + chance.below(2), fall: 1 + chance.below(3), checked: isChecked },
    checkIntervalMs: isChecked ? 300 + chance.below(2_000) : undefined,
    retry: {
      retries: chance.below(4),
      maxRetries: seededRandom(seed ^ 0xa9a).below(8),
      retryOn: FAILURES.filter(() => chance.below(4) > 0),
    },
    timeoutMs: chance.below(2) === 0 ? 60_000 : 200 + chance.below(1_000),
    tryTimeoutMs: chance.below(2) === 0 ? 0 : 60 + chance.below(300),
    ...readinessFrom(seededRandom(seed ^ 0x5eed)),
    queue: queueFrom(seededRandom(seed ^ 0xfee)),
  });
}

/** What else takes backends out, with times so short that all are back when traffic must be fair again. */
function readinessFrom(chance: Random): Partial<BalancerConfig> {
  const isOn = () => chance.below(2) === 0;
  return {
    outlierDetection: isOn() && {
      consecutiveGatewayFailures: chance.below(6),
      consecutive5xx: chance.below(6),
      successRateDeviation: chance.below(3),
      successRateMinHosts: 1 + chance.below(5),
      successRateMinRequests: 1 + chance.below(20),
      failurePercent: chance.below(100),
      failureMinHosts: 1 + chance.below(5),
      failureMinRequests: 1 + chance.below(20),
      intervalMs: 500 + chance.below(2_000),
      ejectionMs: 100 + chance.below(2_000),
      maxEjectionMs: 3_000,
      maxEjectedPercent: chance.below(101),
    },
    circuitBreaker: isOn() && {
      errorPercent: 1 + chance.below(100),
      minRequests: 1 + chance.below(20),
      windowMs: 500 + chance.below(5_000),
      openMs: 100 + chance.below(1_000),
      maxOpenMs: 3_000,
      probes: 1 + chance.below(4),
    },
    slowStart: isOn() && {
      windowMs: 100 + chance.below(3_000),
      aggression: 0.5 + chance.below(4),
      minWeightPercent: chance.below(101),
    },
    overprovisioning: isOn() ? 0 : 1 + chance.below(20) / 10,
    panicThreshold: isOn() ? 0 : isOn() ? "auto" : chance.below(101),
    // More than is under way when all is well, or weights would not decide alone.
    maxInFlight: isOn() ? 0 : 20 + chance.below(20),
    adaptiveConcurrency: isOn() && {
      minLimit: 1 + chance.below(5),
      maxLimit: 100,
      initialLimit: 20 + chance.below(20),
      tolerance: 1.1 + chance.below(20) / 10,
      smoothing: 0.1 + chance.below(10) / 20,
      baselineMs: 1_000 + chance.below(10_000),
    },
  };
}

/** Short ones too, which are full at times. */
function queueFrom(chance: Random): QueueRules | false {
  if (chance.below(4) === 0) return false;
  return {
    maxWaiting: 1 + chance.below(60),
    timeoutMs: chance.below(4) === 0 ? 0 : 1 + chance.below(200),
  };
}

/** All of them, none by turns. */
function priorityOf(ordinal: number): number {
  return (ordinal * 7) % (LAST_PRIORITY + 1);
}

function makeTrouble(simulation: Simulation, config: BalancerConfig, chance: Random): void {
  const server = simulation.servers[chance.below(simulation.servers.length)];
  if (server === undefined) return;
  switch (chance.below(7)) {
    case 0:
    case 1:
      server.crash();
      return;
    case 2:
      server.restart();
      return;
    case 3:
      server.conditions = { ...SOUND, slowness: 1 + chance.below(100) };
      return;
    case 4: {
      const share = () => (chance.below(2) === 0 ? 0 : chance.below(1000) / 1000);
      const unavailable = share();
      server.conditions = { ...SOUND, refusals: share(), resets: share(), errors: share(), unavailable };
      return;
    }
    case 5: {
      const { backends } = config;
      const staying = backends.filter(() => chance.below(3) > 0);
      const limit = chance.below(2) === 0 ? {} : { maxInFlight: 1 + chance.below(3) };
      const changed = staying.map((spec) => ({ ...spec, ...limit, drain: chance.below(4) === 0 }));
      const members = changed.length > 0 ? changed : backends;
      if (chance.below(2) === 0) simulation.setBackends(members);
      else simulation.reconfigure({ ...config, ...readinessFrom(chance), backends: members });
      return;
    }
    case 6:
      // What several of them need is gone.
      for (const server of simulation.servers) {
        if (chance.below(3) > 0) server.conditions = { ...SOUND, unavailable: 1 };
      }
  }
}
