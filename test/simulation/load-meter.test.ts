import { expect, test } from "bun:test";
import fc from "fast-check";
import { imbalanceOf, LoadMeter } from "../../src/simulation/load-meter.ts";

test("the mean in flight is the time that requests took, over the time that passed", () => {
  const requests = fc.array(fc.tuple(fc.nat({ max: 100 }), fc.integer({ min: 1, max: 50 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(requests, (requests) => {
      const meter = new LoadMeter();
      const changes = requests.flatMap(([startMs, tookMs]) => [
        { atMs: startMs, begins: true },
        { atMs: startMs + tookMs, begins: false },
      ]);
      for (const { atMs, begins } of changes.sort(
        (a, b) => a.atMs - b.atMs || Number(b.begins) - Number(a.begins),
      )) {
        if (begins) meter.begin(1_000 + atMs);
        else meter.end(1_000 + atMs);
      }
      const total = requests.reduce((sum, [, tookMs]) => sum + tookMs, 0);
      expect(meter.meanInFlight(1_000, 1_200)).toBeCloseTo(total / 200, 9);
      expect([meter.requests, meter.inFlight]).toEqual([requests.length, 0]);
    }),
  );
});

test("what is still under way counts up to now", () => {
  const meter = new LoadMeter();
  meter.begin(10);
  expect(meter.meanInFlight(0, 20)).toBe(0.5);
  expect(meter.meanInFlight(0, 40)).toBe(0.75);
  expect(meter.meanInFlight(40, 40)).toBe(0);
});

test("imbalance is the greatest over the mean, and 1 where there is nothing", () => {
  expect(imbalanceOf([3, 3, 3])).toBe(1);
  expect(imbalanceOf([0, 0, 12])).toBe(3);
  expect(imbalanceOf([0, 0])).toBe(1);
});
