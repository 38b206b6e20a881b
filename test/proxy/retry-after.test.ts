import { expect, test } from "bun:test";
import { retryAfterMs } from "../../src/proxy/retry-after.ts";

const DATE = "Mon, 01 Jan 2024 00:00:00 GMT";

test.each([
  [null, DATE, 0],
  ["0", DATE, 0],
  ["2", null, 2_000],
  ["120", DATE, 120_000],
  // A moment counts from the answer's own Date, whatever the time is here.
  ["Mon, 01 Jan 2024 00:00:30 GMT", DATE, 30_000],
  ["Sun, 31 Dec 2023 23:59:00 GMT", DATE, 0],
  ["Mon, 01 Jan 2024 00:00:30 GMT", null, Number.POSITIVE_INFINITY],
  ["Mon, 01 Jan 2024 00:00:30 GMT", "yesterday", Number.POSITIVE_INFINITY],
  // What cannot be understood says nothing.
  ["", DATE, 0],
  ["soon", DATE, 0],
  ["-1", DATE, 0],
  ["1.5", DATE, 0],
  ["2, 3", DATE, 0],
  ["2024-01-01", DATE, 0],
  ["99999999999999999999", DATE, 0],
])("%p at %p: %d ms", (value, date, ms) => {
  expect(retryAfterMs(value, date)).toBe(ms);
});
