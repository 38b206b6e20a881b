import { describe, expect, test } from "bun:test";
import {
  ADAPTIVE_CONCURRENCY_DEFAULTS,
  adaptiveConcurrencySchema,
} from "../../src/config/adaptive-concurrency.ts";
import { check } from "../../src/config/schema/check.ts";
import { orFalse } from "../../src/config/schema/shapes.ts";
import { messageOf } from "./message-of.ts";
import { poolOf } from "./pool-of.ts";

function resolveAdaptiveConcurrency(config: unknown) {
  return check(orFalse(adaptiveConcurrencySchema), config, "adaptiveConcurrency");
}

test("is off unless it is asked for, and has a default for every key", () => {
  const backends = ["http://a:1"];
  expect(poolOf({ backends }).adaptiveConcurrency).toBe(false);
  expect(poolOf({ backends, adaptiveConcurrency: false }).adaptiveConcurrency).toBe(false);
  expect(poolOf({ backends, adaptiveConcurrency: {} }).adaptiveConcurrency).toEqual(
    ADAPTIVE_CONCURRENCY_DEFAULTS,
  );
});

test("what is given counts, what is undefined was not", () => {
  const given = {
    minLimit: 1,
    maxLimit: 50,
    initialLimit: 10,
    tolerance: 2,
    smoothing: 1,
    baselineMs: 1_000,
  };
  expect(resolveAdaptiveConcurrency(given)).toEqual(given);
  expect(resolveAdaptiveConcurrency({ minLimit: undefined })).toEqual(ADAPTIVE_CONCURRENCY_DEFAULTS);
});

test("where the ends leave no room for what it begins with by default, it begins at an end", () => {
  expect(resolveAdaptiveConcurrency({ maxLimit: 10 })).toMatchObject({ initialLimit: 10 });
  expect(resolveAdaptiveConcurrency({ minLimit: 50 })).toMatchObject({ initialLimit: 50 });
});

describe.each([
  [{ minLimit: 0 }, "adaptiveConcurrency.minLimit: found 0, expected a whole number from 1 to 1000000"],
  [
    { minLimit: 10, maxLimit: 9 },
    "adaptiveConcurrency.maxLimit: found 9, expected a whole number from 10 to 1000000",
  ],
  [{ initialLimit: 2 }, "adaptiveConcurrency.initialLimit: found 2, expected a whole number from 3 to 1000"],
  [{ tolerance: 1 }, "adaptiveConcurrency.tolerance: found 1, expected a number above 1 and up to 10"],
  [{ tolerance: "2" }, 'adaptiveConcurrency.tolerance: found "2", expected a number above 1 and up to 10'],
  [{ smoothing: 0 }, "adaptiveConcurrency.smoothing: found 0, expected a number from 0.01 to 1"],
  [
    { baselineMs: 10 },
    "adaptiveConcurrency.baselineMs: found 10, expected a number of milliseconds, at least 1000",
  ],
  [{ tolerence: 2 }, 'adaptiveConcurrency: found the unknown key "tolerence"; did you mean tolerance?'],
  [true, "adaptiveConcurrency: found true, expected an object or false"],
])("%j", (config, sentence) => {
  test("is refused", () => {
    expect(messageOf(() => resolveAdaptiveConcurrency(config))).toBe(sentence);
  });
});
