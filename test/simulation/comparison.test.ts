import { describe, expect, test } from "bun:test";
import type { Algorithm } from "../../src/core/picking/index.ts";
import { CALM, type Scenario } from "../../src/simulation/scenario.ts";
import { Simulation } from "../../src/simulation/simulation.ts";
import { samplePolicy } from "./sample-policy.ts";

/** Three quarters of what a hundred backends can do, of which some are ten times slower. */
const BUSY: Scenario = { ...CALM, requestsPerSecond: 30_000, durationMs: 30_000, slowness: 10 };

/** How much of round robin's 99th percentile is left. */
const MOST = 0.25;

function p99Ms(algorithm: Algorithm, slowShare: number, seed: number): number {
  const policy = samplePolicy({ backends: 100, algorithm });
  const simulation = new Simulation(policy, { ...BUSY, slowShare, seed });
  while (simulation.step());
  return simulation.measurements.latency.quantileMs(0.99);
}

/**
 * Round robin gives a slow backend as much as the others, which is more than it can do: its queue grows for as long as
 * requests come. With one in a hundred that is exactly the last percent of the requests, so that its 99th percentile
 * lies where the slowest answers of all the others meet the quickest of that one; with more it lies in the queue.
 */
describe.each([0.01, 0.05])("a share of %d of the backends is ten times slower", (slowShare) => {
  const seed = 1 + 100 * slowShare;
  const roundRobinMs = p99Ms("round-robin", slowShare, seed);

  test.each(["power-of-two", "peak-ewma", "least-connections"] as const)(
    `%s keeps the 99th percentile below ${MOST} of round robin's`,
    (algorithm) => {
      expect(p99Ms(algorithm, slowShare, seed) / roundRobinMs).toBeLessThan(MOST);
    },
  );
});
