import { expect, test } from "bun:test";
import { seededRandom } from "../../src/core/random.ts";
import { DISTRIBUTIONS, type DistributionName, distribution } from "../../src/simulation/distribution.ts";

const COUNT = 200_000;

function sorted(name: DistributionName, meanMs: number): number[] {
  const times = distribution(name, meanMs, seededRandom(3));
  return Array.from({ length: COUNT }, () => times.nextMs()).sort((a, b) => a - b);
}

function at(times: readonly number[], share: number): number {
  return times[Math.floor(share * times.length)] as number;
}

test.each([...DISTRIBUTIONS])("%s: the mean is the mean, and no time is negative", (name) => {
  const times = sorted(name, 10);
  const mean = times.reduce((sum, time) => sum + time, 0) / COUNT;
  // The lognormal's deviates most, by 13.1 / √200,000 = 0.03 as its standard error.
  expect(Math.abs(mean - 10)).toBeLessThan(0.15);
  expect(at(times, 0)).toBeGreaterThanOrEqual(0);
});

/** Where each lies, worked out from the definitions. */
test.each([
  ["exponential", 0.5, 6.931],
  ["exponential", 0.99, 46.05],
  ["exponential", 0.999, 69.08],
  ["lognormal", 0.5, 6.065],
  ["lognormal", 0.99, 62.11],
  ["lognormal", 0.999, 133.3],
  ["constant", 0.5, 10],
  ["constant", 0.999, 10],
] as const)("%s: a share of %d is below %d ms", (name, share, expectedMs) => {
  const foundMs = at(sorted(name, 10), share);
  expect(Math.abs(foundMs / expectedMs - 1)).toBeLessThan(0.05);
});

test("one lognormal time says nothing of the next", () => {
  const times = distribution("lognormal", 10, seededRandom(9));
  const logs = Array.from({ length: COUNT }, () => Math.log(times.nextMs()) - Math.log(10) + 0.5);
  let products = 0;
  for (let index = 1; index < COUNT; index++)
    products += (logs[index - 1] as number) * (logs[index] as number);
  // The mean of products of independent normal numbers: 0, with a standard error of 1 / √200,000.
  expect(Math.abs(products / COUNT)).toBeLessThan(0.012);
});
