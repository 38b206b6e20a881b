import { expect, test } from "bun:test";
import { ALGORITHMS, type Algorithm, createPicker, PICKERS } from "../../../src/core/picking/index.ts";
import { pickBy } from "../../../src/core/picking/pick-by.ts";
import { pickerContract } from "./contract.ts";

const NAMES: readonly Algorithm[] = [...ALGORITHMS, "header:X-User", "cookie:sid"];

for (const name of [...ALGORITHMS, "header:X-User"] as const) {
  pickerContract(name, (random) => createPicker(name, {}, random, unexpectedFault));
}

pickerContract("of a user's own", (random) => {
  const own = pickBy((ready, key) => ready[key.length % ready.length], "uri");
  return createPicker(own, {}, random, unexpectedFault);
});

function unexpectedFault(reason: string): never {
  throw new Error(reason);
}

test("the names of the algorithms are those of the table", () => {
  expect<readonly string[]>(ALGORITHMS).toEqual(Object.keys(PICKERS));
});

test("only those that go by a key ask for one", () => {
  const sources = NAMES.map((name) => [
    name,
    createPicker(name, {}, { below: () => 0 }, unexpectedFault).keySource,
  ]);
  expect(sources.filter(([, source]) => source !== undefined)).toEqual([
    ["ip-hash", "ip"],
    ["uri-hash", "uri"],
    ["header:X-User", "header:X-User"],
    ["cookie:sid", "cookie:sid"],
  ]);
});
