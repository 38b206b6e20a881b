import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveFile } from "../../src/config/file.ts";
import type { Answer } from "./answer.ts";
import { lackingIn } from "./contenders/contender.ts";
import { fileContenders } from "./contenders/lb-files.ts";
import type { LbProgram } from "./contenders/lb-program.ts";
import { middlewareLineUp } from "./contenders/lineup.ts";
import { figuresText } from "./docs-page.ts";
import { costsOf, joinRounds, turnsOfRound } from "./middleware.ts";
import { NO_FIGURES } from "./no-figures.ts";
import { middlewareRows } from "./report.ts";
import type { Result, Sample } from "./throughput.ts";

const LB: LbProgram = {
  path: "/somewhere/lb",
  version: "lb 1.0.0",
  flags: new Set(["--config", "--tls-cert"]),
  profileDirectory: undefined,
};
const NAMES = ["flags alone", "one route", "10 routes", "five middlewares"];

/** Turns that cost so much each; undefined is one that failed. */
function resultOf(name: string, micros: readonly (number | undefined)[], failures: string[] = []): Result {
  const samples = micros.map((cpuMicrosPerRequest): Sample | undefined => {
    if (cpuMicrosPerRequest === undefined) return undefined;
    const requestsPerSecond = 1_000_000 / cpuMicrosPerRequest;
    return { cpuMicrosPerRequest, requestsPerSecond, p50Ms: 1, p99Ms: 2, coreShare: 1, foreignCores: 0 };
  });
  return { name, samples, peakMemoryBytes: micros.length, failures };
}

describe("the line-up of middlewares", () => {
  test("has flags alone beside each file, and nobody if lb reads no files", () => {
    expect(middlewareLineUp(LB).map(({ name }) => name)).toEqual(NAMES);
    expect(middlewareLineUp({ ...LB, flags: new Set() })).toEqual([]);
  });

  test("writes files that lb takes, with as many routes and middlewares as their names say", () => {
    const sizes = fileContenders(LB).map(({ command }) => {
      const directory = mkdtempSync(join(tmpdir(), "lb-files-"));
      try {
        const { argv } = command({ port: 8001, backendPort: 8002, directory });
        expect(argv.slice(0, 2)).toEqual([LB.path, "--config"]);
        const file = resolveFile(JSON.parse(readFileSync(argv[2] ?? "", "utf8")));
        expect(file.listeners.map(({ port }) => port)).toEqual([8001]);
        return [file.routes.length, ...file.routes.map(({ middleware }) => middleware.length)];
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
    expect(sizes).toEqual([
      [1, 0],
      [10, ...new Array<number>(10).fill(0)],
      [1, 5],
    ]);
  });

  test("is believed only if all that the five add arrives", () => {
    const adds = fileContenders(LB).find(({ name }) => name === "five middlewares")?.adds;
    if (adds === undefined) throw new Error("the five add nothing");
    const answer = (body: string, names: readonly string[]): Answer => {
      return { status: 200, body, isLast: true, headers: new Map(names.map((name) => [name, "any"])) };
    };
    const body = "set 0f8fad5b-d9cb-469f-a165-70867728950e";
    const names = ["x-request-id", "x-bench", "vary", "ratelimit", "server"];
    expect(lackingIn(adds, answer(body, names))).toBeUndefined();
    expect(lackingIn(adds, answer("set ", names))).toContain('"set "');
    expect(lackingIn(adds, answer(body.slice(4), names))).toContain("request");
    expect(lackingIn(adds, answer(body, ["x-bench", "ratelimit"]))).toContain("x-request-id, vary");
  });
});

describe("what middlewares add", () => {
  test("is measured in as many turns of a second as a round has seconds", () => {
    const pace = { rounds: 5, seconds: 3, warmUpSeconds: 2 };
    expect(turnsOfRound(pace)).toEqual({ rounds: 3, seconds: 1, warmUpSeconds: 2 });
  });

  test("joins rounds by name, whatever their order, and keeps a place for turns that never were", () => {
    const rounds = [
      [resultOf("a", [1, 2]), resultOf("b", [], ["start: no"])],
      [resultOf("b", [30, undefined], ["round 2: no"]), resultOf("a", [3, 4])],
    ];
    const [a, b] = joinRounds(["a", "b"], rounds, 2);
    const costs = (result: Result | undefined) => result?.samples.map((one) => one?.cpuMicrosPerRequest);
    expect(costs(a)).toEqual([1, 2, 3, 4]);
    expect(costs(b)).toEqual([undefined, undefined, 30, undefined]);
    expect(b?.failures).toEqual(["processes of round 1, start: no", "processes of round 2, round 2: no"]);
    expect(a?.peakMemoryBytes).toBe(2);
  });

  test("is the middle of what each turn has beyond the one beside it", () => {
    const [base, five] = costsOf([
      resultOf("flags alone", [10, 20, 30, undefined]),
      resultOf("five middlewares", [15, 50, 36, 1]),
    ]);
    expect(base).toMatchObject({ addedMicros: { median: 0 }, ratio: { median: 1 } });
    // Pairs: 5, 30 and 6 µs more, 1.5, 2.5 and 1.2 times; what has no pair counts only for its own cost.
    expect(five?.addedMicros).toEqual({ median: 6, min: 5, max: 30 });
    expect(five?.ratio).toEqual({ median: 1.5, min: 1.2, max: 2.5 });
    expect(five?.cpuMicros).toEqual({ median: 25.5, min: 1, max: 50 });
  });

  test("is nothing where flags alone, or all of its own turns, failed", () => {
    expect(costsOf([resultOf("one route", [10])])).toEqual([]);
    const results = [resultOf("flags alone", [10, undefined]), resultOf("one route", [undefined, 10])];
    expect(costsOf(results).map(({ name }) => name)).toEqual(["flags alone"]);
    expect(middlewareRows({ results, costs: costsOf(results) }).at(-1)).toEqual(["one route", "FAILED"]);
  });

  test("is a table of its own on the page, if it was measured", () => {
    const title = "### Routes and middlewares: 100 B replies to 12-header requests, 64 connections";
    expect(figuresText(NO_FIGURES, [])).not.toContain("###");
    const results = [resultOf("flags alone", [20]), resultOf("five middlewares", [50])];
    const text = figuresText({ ...NO_FIGURES, middleware: { results, costs: costsOf(results) } }, []);
    expect(text).toContain(`${title}\n\n| lb with `);
    const row = text.split("\n").find((line) => line.startsWith("| five middlewares "));
    expect(row?.split(/ *\| */).slice(2, -1)).toEqual(
      "50.0,50.0–50.0,30.00,30.00–30.00,2.50,2.50–2.50,20000,20000–20000".split(","),
    );
  });
});
