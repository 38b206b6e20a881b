import { expect, test } from "bun:test";
import { workerCount } from "../../src/cli/worker-count.ts";

const LINUX = { platform: "linux", cpus: 6 };
const MAC = { platform: "darwin", cpus: 6 };

test("one without the flag, as many as it says, one a CPU for auto", () => {
  expect(workerCount(undefined, "--workers", MAC)).toBe(1);
  expect(workerCount("4", "--workers", LINUX)).toBe(4);
  expect(workerCount("auto", "--workers", LINUX)).toBe(6);
  expect(workerCount("auto", "--workers", { platform: "linux", cpus: 1000 })).toBe(256);
});

test("what is no count is told in one sentence", () => {
  for (const text of ["0", "x", "-1", "1.5", "257", "Auto"]) {
    const sentence = `LB_WORKERS: found "${text}", expected auto or a whole number from 1 to 256`;
    expect(() => workerCount(text, "LB_WORKERS", LINUX)).toThrow(sentence);
  }
});

test("where a port cannot be shared, only one is possible", () => {
  expect(workerCount("1", "--workers", MAC)).toBe(1);
  const sentence = (text: string) =>
    `--workers: found "${text}", expected 1: only on Linux can several processes share a port`;
  for (const text of ["2", "auto"]) expect(() => workerCount(text, "--workers", MAC)).toThrow(sentence(text));
});
