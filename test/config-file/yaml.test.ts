import { expect, test } from "bun:test";
import { readConfigFile } from "../../src/config-file/index.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();

test.each([
  ["", null],
  ["# nothing\n", null],
  ["a:\n", { a: null }],
  ["a: 0x10\nb: 0o17\nc: 1e3\nd: ~\ne: yes\nf: '1'\n", { a: 16, b: 15, c: 1000, d: null, e: "yes", f: "1" }],
  ["80: x\ntrue: y\n", { 80: "x", true: "y" }],
  ["%YAML 1.1\n---\na: yes\n", { a: "yes" }],
  ["a: &x {b: 1}\nc: *x\n", { a: { b: 1 }, c: { b: 1 } }],
  ["a: &x 1\nb: *x\nc: &x 2\nd: *x\n", { a: 1, b: 1, c: 2, d: 2 }],
  ["a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
  [
    "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
    { a: { b: 1 }, c: { b: 2, d: 3 }, e: { b: 1, d: 3 } },
  ],
  [
    "a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}\n",
    { a: { b: 1 }, c: { b: 1, d: 2 }, e: { b: 1, d: 2 } },
  ],
  ["a: {'<<': 1}\n", { a: { "<<": 1 } }],
  ["a: !!str 5\n", { a: "5" }],
  ["a: |\n  one\n  two\nb: >-\n  one\n  two\n", { a: "one\ntwo\n", b: "one two" }],
])("%j is %j", async (text, value) => {
  expect((await readConfigFile(folder.write("a.yml", text), {})).value).toEqual(value);
});

test("an alias stands where it is written, and what is in it where that is", async () => {
  const source = await readConfigFile(folder.write("b.yaml", "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n"), {});
  expect(source.where(["c"], "value")).toEqual({ line: 3, column: 4 });
  expect(source.where(["c", "b"], "value")).toEqual({ line: 2, column: 6 });
  expect(source.where(["d", "b"], "key")).toEqual({ line: 2, column: 3 });
});
