import { describe, expect, test } from "bun:test";
import { createFaults } from "../../src/middleware/faults.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { depsOf, LOCAL, pass, rawGet } from "./passing.ts";

describe("faults", () => {
  test("let a share of requests fail, the same ones with the same seed", async () => {
    const statuses = async (seed: number) => {
      const faults = createFaults({ delay: undefined, abort: { status: 503, percent: 25 } }, depsOf(seed));
      const seen: number[] = [];
      for (let index = 0; index < 2_000; index++) seen.push((await pass(faults, rawGet("/"))).answer.status);
      return seen;
    };
    const first = await statuses(7);
    const failed = first.filter((status) => status === 503).length;
    // 25 % of 2,000, give or take five standard deviations (19.4 each).
    expect(failed).toBeGreaterThan(403);
    expect(failed).toBeLessThan(597);
    expect(await statuses(7)).toEqual(first);
    expect(await statuses(8)).not.toEqual(first);
  });

  test("let none fail at 0 %, and all at 100 %", async () => {
    for (const [percent, status] of [
      [0, 200],
      [100, 418],
    ] as const) {
      const faults = createFaults({ delay: undefined, abort: { status: 418, percent } }, depsOf());
      for (let index = 0; index < 200; index++) {
        const { answer, seen } = await pass(faults, rawGet("/"));
        expect([answer.status, seen !== undefined]).toEqual([status, status === 200]);
      }
    }
  });

  test("let a request wait, and hold its connection meanwhile", async () => {
    const deps = depsOf();
    const faults = createFaults({ delay: { delayMs: 500, percent: 100 }, abort: undefined }, deps);
    const held: string[] = [];
    const client = { ...LOCAL, hold: () => held.push("hold"), release: () => held.push("release") };
    let isAnswered = false;
    const answer = pass(faults, rawGet("/"), { client }).then((passed) => {
      isAnswered = true;
      return passed;
    });
    await deps.clock.run(499);
    await settled();
    expect([isAnswered, held]).toEqual([false, ["hold"]]);
    await deps.clock.run(1);
    expect((await answer).answer.status).toBe(200);
    expect(held).toEqual(["hold", "release"]);
  });

  test("let a request fail that has waited", async () => {
    const deps = depsOf();
    const rules = { delay: { delayMs: 10, percent: 100 }, abort: { status: 500, percent: 100 } };
    const answer = pass(createFaults(rules, deps), rawGet("/"));
    await deps.clock.run(10);
    expect((await answer).answer.status).toBe(500);
  });

  test("do not wait for a client that leaves", async () => {
    const deps = depsOf();
    const faults = createFaults({ delay: { delayMs: 500, percent: 100 }, abort: undefined }, deps);
    const leaving = new AbortController();
    const answer = pass(faults, new Request("http://lb.test/", { signal: leaving.signal }));
    await settled();
    expect(deps.clock.pending).toBe(1);
    leaving.abort();
    const { seen } = await answer;
    expect([seen, deps.clock.pending]).toEqual([undefined, 0]);
  });
});
