import { expect, test } from "bun:test";
import { hedgeSchema, parseHedge } from "../../src/config/hedge.ts";
import { check } from "../../src/config/schema/check.ts";
import { orFalse } from "../../src/config/schema/shapes.ts";
import { messageOf } from "./message-of.ts";

function resolveHedge(config: unknown) {
  return check(orFalse(hedgeSchema), config, "hedge");
}

test.each([
  ["off", false],
  ["50ms", { afterMs: 50 }],
  ["2", { afterMs: 2_000 }],
  ["p50", { percentile: 50 }],
  ["p95", { percentile: 95 }],
  ["p99.9", { percentile: 99.9 }],
] as const)("%s is read", (text, expected) => {
  expect(parseHedge(text, "--hedge-after")).toEqual(expected);
});

test.each([
  ["p49", '"p49", expected a percentile from p50 to p99.9'],
  ["p100", '"p100", expected a percentile from p50 to p99.9'],
  ["p", '"p", expected a time such as 10 (seconds), 5s or 500ms'],
  ["0", '"0", expected more than 0: a time such as 10 (seconds), 5s or 500ms'],
  ["soon", '"soon", expected a time such as 10 (seconds), 5s or 500ms'],
])("%s is refused", (text, sentence) => {
  expect(messageOf(() => parseHedge(text, "--hedge-after"))).toBe(`--hedge-after: found ${sentence}`);
});

test("keeps what was said", () => {
  expect(resolveHedge(false)).toBe(false);
  expect(resolveHedge({ afterMs: 1 })).toEqual({ afterMs: 1 });
  expect(resolveHedge({ percentile: 99.9 })).toEqual({ percentile: 99.9 });
});

test.each([
  [true, "hedge: found true, expected an object or false"],
  [95, "hedge: found 95, expected an object or false"],
  [null, "hedge: found null, expected an object or false"],
  [{}, "hedge: found {}, expected one of afterMs and percentile, or false"],
  [
    { afterMs: 5, percentile: 95 },
    'hedge: found {"afterMs":5,"percentile":95}, expected one of afterMs and percentile, or false',
  ],
  [{ afterms: 5 }, 'hedge: found the unknown key "afterms"; did you mean afterMs?'],
  [{ afterMs: 0 }, "hedge.afterMs: found 0, expected a number of milliseconds, at least 1"],
  [{ percentile: 49 }, "hedge.percentile: found 49, expected a number from 50 to 99.9"],
  [{ percentile: 100 }, "hedge.percentile: found 100, expected a number from 50 to 99.9"],
])("refuses %p", (config, sentence) => {
  expect(messageOf(() => resolveHedge(config))).toBe(sentence);
});
