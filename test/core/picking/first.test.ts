import { expect, test } from "bun:test";
import type { Backend } from "../../../src/core/backend.ts";
import { first } from "../../../src/core/picking/first.ts";
import { upBackends } from "../../simulation/sample-backends.ts";
import { Pool } from "./pool.ts";

test("everything goes to the first that is ready, in the order given, whatever it weighs", () => {
  const members = upBackends([1, 9, 9]);
  const [a, b, c] = members as [Backend, Backend, Backend];
  const pool = new Pool(first(), members);
  const requests = () => Array.from({ length: 5 }, () => pool.request());
  expect(requests()).toEqual([a, a, a, a, a]);
  pool.become([b, c], members);
  expect(requests()).toEqual([b, b, b, b, b]);
  pool.become([a, c], members);
  expect(requests()).toEqual([a, a, a, a, a]);
  expect(pool.request("", [a])).toBe(c);
});
