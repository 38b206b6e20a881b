import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./program.ts";

const SMALL = ["simulate", "--backends", "20", "--rps", "2000", "--seconds", "5", "--seed", "7"];
const TROUBLE = ["--slow", "10%", "--crash", "20%", "--crash-every", "2s", "--errors", "5%", "--reset", "5%"];

test("says in a table what came out, the same byte for byte for the same seed", async () => {
  const [first, second, other] = await Promise.all([
    run([...SMALL, ...TROUBLE, "--compare", "all"]),
    run([...SMALL, ...TROUBLE, "--compare", "all"]),
    run([...SMALL, ...TROUBLE, "--compare", "all", "--seed", "8"]),
  ]);
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toBe(second.stdout);
  expect(first.stdout).not.toBe(other.stdout);
  expect(first.stdout).toMatch(
    /^round-robin( +[\d.,]+ m?s){3} +1\.\d\d +\d+\.\d\d +\d+\.\d{3} % +[\d,]+ +\d+$/m,
  );
  expect(first.stderr).toMatch(/^round-robin: [\d,]+ requests in [\d.]+ s, [\d,]+ a second$/m);
});

test("--json is for programs, and its chart is drawn beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lb-simulate-"));
  try {
    const path = join(folder, "chart.svg");
    const { exitCode, stdout } = await run([...SMALL, ...TROUBLE, "--json", "--svg", path]);
    expect(exitCode).toBe(0);
    const { scenario, results } = JSON.parse(stdout);
    expect(scenario).toMatchObject({ backends: 20, requestsPerSecond: 2000, seed: 7, slowShare: 0.1 });
    const [{ requests, errors, errorRate, latencyMs, load }] = results;
    expect(requests).toBeGreaterThan(9_500);
    const wrong = Object.values<number>(errors).reduce((sum, count) => sum + count, 0);
    expect(errorRate).toBeCloseTo(wrong / requests, 9);
    expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99);
    expect([load.requests.length, load.meanInFlight.length]).toEqual([20, 20]);
    expect(await Bun.file(path).text()).toStartWith("<svg ");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a chart that cannot be written is told before anything is simulated", async () => {
  const { exitCode, stdout, stderr } = await run([...SMALL, "--svg", "/nowhere/chart.svg"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toStartWith("lb: --svg: cannot write to /nowhere/chart.svg");
});
