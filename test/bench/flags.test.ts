import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CASES } from "./cases.ts";
import { PROXY_IDS } from "./contenders/lineup.ts";
import { type Flags, parseFlags, SUBJECTS, USAGE } from "./flags.ts";

function parsed(...argv: string[]): Flags {
  const flags = parseFlags(argv);
  if (flags === undefined) throw new Error(`${argv.join(" ")} asks for help`);
  return flags;
}

const idsOf = ({ cases }: Flags) => cases.map(({ id }) => id);

describe("the benchmark's flags", () => {
  test("measure everything but the long run by default", () => {
    const flags = parsed();
    expect(idsOf(flags)).toEqual(CASES.map(({ id }) => id));
    expect(flags.proxies).toEqual(PROXY_IDS);
    expect(flags.extras).toEqual(["idle", "workers", "picking", "routing", "middleware", "cold-start"]);
    expect([flags.areNamed, flags.isPartial]).toEqual([false, false]);
  });

  test("narrow a run down to a case and some proxies, and nothing beside", () => {
    const flags = parsed(..."--case headers --only lb,nginx,haproxy --rounds 4 --seconds 2".split(" "));
    expect(idsOf(flags)).toEqual(["headers-64", "headers-1000"]);
    expect(flags.proxies).toEqual(["lb", "nginx", "haproxy"]);
    expect(flags.extras).toEqual([]);
    expect(flags.pace).toMatchObject({ rounds: 4, seconds: 2 });
    expect([flags.areNamed, flags.isPartial]).toEqual([true, true]);
  });

  test("take cases in their own order, each once, and a whole name for itself alone", () => {
    expect(idsOf(parsed("--case", "tls-64"))).toEqual(["tls-64"]);
    expect(idsOf(parsed("--case", "tls, headers-64,tls-64"))).toEqual([
      "headers-64",
      ...CASES.filter(({ hasTls }) => hasTls).map(({ id }) => id),
    ]);
    expect(parsed("--case", "tls").extras).toEqual([]);
  });

  test("measure an extra without any case, and with all proxies", () => {
    const flags = parsed("--only", "idle,picking");
    expect(flags.cases).toEqual([]);
    expect(flags.extras).toEqual(["idle", "picking"]);
    expect([flags.proxies, flags.areNamed]).toEqual([PROXY_IDS, false]);
  });

  test("make a run quick or short", () => {
    expect(idsOf(parsed("--quick"))).toEqual(["100b-64"]);
    expect(parsed("--quick").extras).toEqual(["cold-start"]);
    expect(idsOf(parsed("--short"))).toEqual(
      CASES.filter(({ isInShortRun }) => isInShortRun).map(({ id }) => id),
    );
    expect(parsed("--short").pace).toEqual({ rounds: 5, seconds: 1, warmUpSeconds: 1 });
  });

  test.each([
    [["--case", "header"], /--case: "header"/],
    [["--case", "headers", "--only", "idle"], /names no proxy/],
    [["--only", "lb,ngnix"], /--only: "ngnix"/],
    [["--quick", "--short"], /one of them/],
    [["--rounds", "0"], /--rounds: "0"/],
    [["--seconds", "1.5"], /--seconds: "1.5"/],
    [["--write-docs", "--case", "headers"], /--write-docs/],
    [["--write-docs", "--only", "picking"], /--write-docs/],
    [["--cases", "headers"], /--cases/],
  ] as const)("refuse %p", (argv, problem) => {
    expect(() => parseFlags(argv)).toThrow(problem);
  });

  test("are all in the help and in the docs, with every word they know", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/BENCHMARK.md"), "utf8");
    const flags = Array.from(USAGE.matchAll(/^ {2}(--[a-z-]+)/gm), ([, flag = ""]) => flag);
    expect(flags).toContain("--case");
    const words = [...flags, ...SUBJECTS, ...CASES.map(({ id }) => id)];
    const isIn = (text: string, word: string) => new RegExp(`[\`, |\n]${word}[\`, |\n]`).test(text);
    expect(words.filter((word) => !isIn(USAGE, word))).toEqual([]);
    expect(words.filter((word) => !isIn(page, word))).toEqual([]);
  });
});
