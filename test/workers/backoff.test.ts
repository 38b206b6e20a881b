import { expect, test } from "bun:test";
import { Backoff } from "../../src/workers/backoff.ts";

test("the wait doubles from 100 ms to 5 s and stays there", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 8 }, () => backoff.ended(0));
  expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test("it begins anew after ten seconds of life, not before", () => {
  const backoff = new Backoff();
  for (let end = 0; end < 5; end++) backoff.ended(0);
  expect(backoff.ended(9_999)).toBe(3_200);
  expect(backoff.ended(10_000)).toBe(100);
  expect(backoff.ended(0)).toBe(200);
});
