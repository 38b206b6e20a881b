import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseDurationMs } from "../../src/config/duration.ts";
import { messageOf } from "./message-of.ts";

test.each([
  ["10", 10_000],
  ["5s", 5_000],
  ["500ms", 500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  ["1.5s", 1_500],
  ["0.25", 250],
  [" 7s ", 7_000],
] as const)("%s is %d ms", (text, ms) => {
  expect(parseDurationMs(text, "--timeout")).toBe(ms);
});

test("a whole number of any unit is that many of it", () => {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, "": 1_000 } as const;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
      (count, unit) => {
        expect(parseDurationMs(`${count}${unit}`, "x")).toBe(count * units[unit]);
      },
    ),
  );
});

const WRONG = "expected a time such as 10 (seconds), 5s or 500ms";

test.each(["", "ten", "-1", "5 s", "1d", "1e3", "5S", ".5", "1.s", "0x10", "597h", "1,5s"])(
  "refuses %p",
  (text) => {
    expect(messageOf(() => parseDurationMs(text, "--timeout"))).toBe(`--timeout: found "${text}", ${WRONG}`);
  },
);

test("zero is allowed only where it turns something off", () => {
  expect(parseDurationMs("0", "--timeout", true)).toBe(0);
  expect(parseDurationMs("0ms", "--timeout", true)).toBe(0);
  expect(messageOf(() => parseDurationMs("0", "LB_TIMEOUT"))).toBe(
    'LB_TIMEOUT: found "0", expected more than 0: a time such as 10 (seconds), 5s or 500ms',
  );
  expect(messageOf(() => parseDurationMs("no", "LB_TIMEOUT", true))).toBe(
    'LB_TIMEOUT: found "no", expected 0 or a time such as 10 (seconds), 5s or 500ms',
  );
});
