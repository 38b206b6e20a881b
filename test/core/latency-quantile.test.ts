import { expect, test } from "bun:test";
import fc from "fast-check";
import { LatencyQuantile } from "../../src/core/latency-quantile.ts";

/** What an estimate may be off by: half of a bucket's width, and rounding. */
const ERROR = 0.0245;

function exact(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] as number;
}

const latencyMs = fc.oneof(
  fc.double({ min: 0.06, max: 900_000, noNaN: true }),
  fc.integer({ min: 1, max: 50 }),
);

test("is off by no more than 2.5 %, whatever the latencies are", () => {
  fc.assert(
    fc.property(
      fc.array(latencyMs, { minLength: 100, maxLength: 400 }),
      fc.constantFrom(50, 90, 95, 99, 99.9),
      (samples, percent) => {
        const quantile = new LatencyQuantile(percent);
        for (const sample of samples) quantile.observe(sample, 0);
        const expectedMs = exact(samples, percent);
        expect(Math.abs(quantile.at(0) - expectedMs) / expectedMs).toBeLessThanOrEqual(ERROR);
      },
    ),
  );
});

test("says nothing before there are a hundred samples", () => {
  const quantile = new LatencyQuantile(95);
  for (let count = 0; count < 99; count++) quantile.observe(10, 0);
  expect(quantile.at(0)).toBe(-1);
  quantile.observe(10, 0);
  expect(quantile.at(99)).toBe(-1);
  expect(quantile.at(100)).toBeCloseTo(10, 0);
});

test("latencies beyond its range count as its ends", () => {
  const quantile = new LatencyQuantile(50);
  for (const ms of [0, -1, 0.001]) for (let count = 0; count < 100; count++) quantile.observe(ms, 0);
  expect(quantile.at(0)).toBeLessThan(0.05);
  for (let count = 0; count < 1_000; count++) quantile.observe(1e9, 0);
  expect(quantile.at(1_000)).toBeGreaterThan(900_000);
});

test("forgets what is more than twenty seconds old, where there is more to go by", () => {
  const quantile = new LatencyQuantile(95);
  const perSecond = (ms: number, from: number, to: number) => {
    for (let at = from; at < to; at += 10) quantile.observe(ms, at);
  };
  perSecond(500, 0, 30_000);
  expect(quantile.at(30_000)).toBeGreaterThan(480);
  perSecond(10, 30_000, 50_000);
  expect(quantile.at(50_000)).toBeLessThan(11);
});

test("remembers the last hundred, however long ago they were", () => {
  const quantile = new LatencyQuantile(95);
  for (let count = 0; count < 100; count++) quantile.observe(10, count);
  expect(quantile.at(3_600_000)).toBeCloseTo(10, 0);
  // One every minute: each window is as long as it takes to have enough.
  for (let count = 1; count <= 300; count++) quantile.observe(200, 3_600_000 + count * 60_000);
  expect(quantile.at(3_600_000 + 301 * 60_000)).toBeGreaterThan(195);
});
