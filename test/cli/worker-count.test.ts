import { expect, test } from "bun:test";
import { Given } from "../../src/cli/given.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { givenWorkers, type Machine, workerCount } from "../../src/cli/worker-count.ts";
import type { ConfigProblem } from "../../src/config/problem.ts";

const LINUX = { platform: "linux", cpus: 6 };
const MAC = { platform: "darwin", cpus: 6 };

function given(text: string | undefined): number | "auto" | undefined {
  return givenWorkers(new Given(SERVE_FLAGS, new Map(), { LB_WORKERS: text }));
}

function countOf(workers: number | "auto", machine: Machine): [number, ConfigProblem[]] {
  const problems: ConfigProblem[] = [];
  return [workerCount(workers, problems, machine), problems];
}

test("as many as are asked for, one a CPU for auto", () => {
  expect([given(undefined), given("4"), given("auto")]).toEqual([undefined, 4, "auto"]);
  expect(countOf(1, MAC)).toEqual([1, []]);
  expect(countOf(4, LINUX)).toEqual([4, []]);
  expect(countOf("auto", LINUX)).toEqual([6, []]);
  expect(countOf("auto", { platform: "linux", cpus: 1000 })).toEqual([256, []]);
});

test("what is no count is told in one sentence", () => {
  for (const text of ["0", "x", "-1", "1.5", "257", "Auto"]) {
    const sentence = `LB_WORKERS: found "${text}", expected auto or a whole number from 1 to 256`;
    expect(() => given(text)).toThrow(sentence);
  }
});

test("where a port cannot be shared, only one is possible", () => {
  for (const workers of [2, "auto"] as const) {
    const message = `found ${workers}, expected 1: only on Linux can several processes share a port`;
    expect(countOf(workers, MAC)[1]).toEqual([{ path: ["workers"], place: "workers", message }]);
  }
});
