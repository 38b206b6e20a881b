import { expect, test } from "bun:test";
import { Pace } from "../../src/workers/pace.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

function setUp() {
  const clock = new VirtualClock();
  const acts: number[] = [];
  const startMs = clock.nowMs();
  const pace = new Pace(clock, 20, 250, () => acts.push(clock.nowMs() - startMs));
  return { clock, acts, pace };
}

test("it acts soon after a quiet time, and then at most every so often", () => {
  const { clock, acts, pace } = setUp();
  for (let ms = 0; ms < 1_000; ms += 10) {
    pace.ask();
    clock.advance(10);
  }
  expect(acts).toEqual([20, 270, 520, 770]);
  clock.advance(10_000);
  expect(acts).toEqual([20, 270, 520, 770, 1_020]);
  pace.ask();
  clock.advance(20);
  expect(acts.at(-1)).toBe(11_020);
});

test("while nobody asks, no timer is set", () => {
  const { clock, pace } = setUp();
  expect(clock.pending).toBe(0);
  pace.ask();
  pace.ask();
  expect(clock.pending).toBe(1);
  clock.advance(20);
  expect(clock.pending).toBe(0);
});
