import { expect, test } from "bun:test";
import fc from "fast-check";
import { Backend } from "../../src/core/backend.ts";
import { observeLatency, observeSilence, peakNowMs } from "../../src/core/load.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";

const latency = fc.double({ min: 0, max: 60_000, noNaN: true });

test("the first answer is the average", () => {
  const backend = new Backend(sampleSpec(0));
  expect(backend.ewmaMs).toBe(-1);
  observeLatency(backend, 37, 1_000);
  expect(backend).toMatchObject({ ewmaMs: 37, ewmaAtMs: 1_000 });
});

test("after ten seconds the old average has 1/e of its say", () => {
  const backend = new Backend(sampleSpec(0));
  observeLatency(backend, 100, 0);
  observeLatency(backend, 0, 10_000);
  expect(backend.ewmaMs).toBeCloseTo(100 / Math.E, 9);
});

test("many answers in one moment still count", () => {
  const backend = new Backend(sampleSpec(0));
  observeLatency(backend, 1_000, 0);
  for (let count = 0; count < 10_000; count++) observeLatency(backend, 10, 0);
  expect(backend.ewmaMs).toBeLessThan(11);
});

test("it stays between the least and the greatest latency seen", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(latency, fc.integer({ min: 0, max: 30_000 })), { minLength: 1, maxLength: 50 }),
      (answers) => {
        const backend = new Backend(sampleSpec(0));
        let nowMs = 0;
        for (const [latencyMs, afterMs] of answers) {
          nowMs += afterMs;
          observeLatency(backend, latencyMs, nowMs);
        }
        const seen = answers.map(([latencyMs]) => latencyMs);
        expect(backend.ewmaMs).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-6);
        expect(backend.ewmaMs).toBeLessThanOrEqual(Math.max(...seen) + 1e-6);
      },
    ),
  );
});

test("the peak follows a rise at once, and a fall as the average does", () => {
  const backend = new Backend(sampleSpec(0));
  observeLatency(backend, 100, 0);
  observeLatency(backend, 500, 1_000);
  expect(backend.peakMs).toBe(500);
  expect(backend.ewmaMs).toBeLessThan(150);
  observeLatency(backend, 100, 11_000);
  expect(backend.peakMs).toBeCloseTo(100 + 400 / Math.E, 9);
});

test("the peak is never below the average, nor below the last latency", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(latency, fc.integer({ min: 0, max: 30_000 })), { minLength: 1 }),
      (answers) => {
        const backend = new Backend(sampleSpec(0));
        let nowMs = 0;
        for (const [latencyMs, afterMs] of answers) {
          nowMs += afterMs;
          observeLatency(backend, latencyMs, nowMs);
          expect(backend.peakMs).toBeGreaterThanOrEqual(latencyMs);
          expect(backend.peakMs).toBeGreaterThanOrEqual(backend.ewmaMs - 1e-6);
        }
      },
    ),
  );
});

test("while nothing is heard the peak falls towards nothing", () => {
  const backend = new Backend(sampleSpec(0));
  observeLatency(backend, 300, 1_000);
  expect(peakNowMs(backend, 1_000)).toBe(300);
  expect(peakNowMs(backend, 11_000)).toBeCloseTo(300 / Math.E, 9);
  expect(backend.peakMs).toBe(300);
});

test("silence makes the peak as long as it lasted, and leaves the average alone", () => {
  const backend = new Backend(sampleSpec(0));
  observeSilence(backend, 2_000, 5_000);
  expect(backend).toMatchObject({ peakMs: 2_000, peakAtMs: 5_000, ewmaMs: -1 });
  observeSilence(backend, 50, 5_000);
  expect(backend.peakMs).toBe(2_000);
  observeSilence(backend, 50, 15_000);
  expect(backend.peakMs).toBeCloseTo(2_000 / Math.E, 9);
  observeLatency(backend, 10, 15_000);
  expect(backend.ewmaMs).toBe(10);
  expect(backend.peakMs).toBeGreaterThan(700);
});
