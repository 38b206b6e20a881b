import { expect, test } from "bun:test";
import { ALGORITHMS, PICKERS } from "../../../src/core/picking/index.ts";
import { pickerContract } from "./contract.ts";

for (const [name, factory] of Object.entries(PICKERS)) pickerContract(name, factory);

test("the names of the algorithms are those of the table", () => {
  expect<readonly string[]>(ALGORITHMS).toEqual(Object.keys(PICKERS));
});
