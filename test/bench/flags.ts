import { parseArgs } from "node:util";
import { CASES, type Case, casesCalled, MAIN_CASE_ID } from "./cases.ts";
import { type Choice, PROXY_IDS } from "./contenders/lineup.ts";
import { BenchError } from "./machine.ts";
import type { Pace } from "./throughput.ts";

/** What can be measured beside the cases. */
const EXTRAS = ["idle", "workers", "picking", "routing", "middleware", "cold-start", "memory"] as const;
/** What of it a run measures unless told otherwise. */
const USUAL_EXTRAS = EXTRAS.filter((extra) => extra !== "memory");
/** What a quick run does. */
const QUICK_EXTRAS: readonly Extra[] = ["cold-start"];
/** Every word that `--only` knows. */
export const SUBJECTS: readonly string[] = [...PROXY_IDS, ...EXTRAS];

/** One of the words above. */
export type Extra = (typeof EXTRAS)[number];

/** What the user asked for. */
export interface Flags extends Choice {
  /** In the order they are measured. None if only extras were asked for. */
  readonly cases: readonly Case[];
  readonly extras: readonly Extra[];
  /** Whether it is part of a run, that leaves budgets aside on purpose. */
  readonly isPartial: boolean;
  readonly pace: Pace;
  /** Where to write all figures. */
  readonly json: string | undefined;
  /** Whether the docs get these figures. */
  readonly isForDocs: boolean;
  /** The `lb` to measure. */
  readonly lb: string | undefined;
  /** Where each `lb` is to leave a CPU profile. */
  readonly profile: string | undefined;
}

/** The help. */
export const USAGE = `bun run bench [flags]

  --short        most of the cases, rounds of 1 s: about ten minutes
  --quick        100-byte replies over 64 connections, and cold start: about a minute
  --case LIST    only these cases, and nothing else: some of
                 ${listed(CASES.map(({ id }) => id))},
                 or the first word of several, as headers or tls
  --only LIST    some of
                 ${listed(SUBJECTS)}
                 (default: all but memory, which takes about two minutes for each lb);
                 the proxies named here are in every case that they can be in
  --rounds N     turns of each proxy in each case (default 5, quick 3)
  --seconds N    of load in each turn (default 3, quick 2, short 1)
  --lb PATH      the lb to measure, a binary or a .ts file (default ./lb, else one compiled for the run)
  --profile DIR  have each lb leave a CPU profile in DIR, which makes it slower than it is
  --json FILE    write every sample to FILE as well
  --write-docs   write the figures into docs/BENCHMARK.md and docs/benchmark.svg, if nothing failed

To try out a change:
  bun run bench --case headers --only lb,nginx,haproxy --rounds 3 --seconds 2
  bun run bench --only middleware --rounds 3

Without flags it takes about 35 minutes.
Ends with status 1 if a request failed or a budget is exceeded.`;

/**
 * Reads the command line; undefined if it asks for help.
 *
 * @throws BenchError that says what is wrong in it.
 */
export function parseFlags(argv: readonly string[]): Flags | undefined {
  const values = valuesOf(argv);
  if (values.help === true) return undefined;
  const isQuick = values.quick === true;
  const isShort = values.short === true;
  if (isQuick && isShort) throw new BenchError("--quick and --short: one of them");
  const only = values.only?.split(",").map(subjectOf) ?? [];
  const named = PROXY_IDS.filter((id) => only.includes(id));
  const hasCases = only.length === 0 || named.length > 0;
  if (!hasCases && values.case !== undefined) {
    throw new BenchError(`--case: --only names no proxy, as ${PROXY_IDS.join(", ")} are`);
  }
  const cases = values.case === undefined ? casesOf(isQuick, isShort) : casesIn(values.case);
  const isForDocs = values["write-docs"] === true;
  if (isForDocs && !(hasCases && cases.some(({ id }) => id === MAIN_CASE_ID))) {
    throw new BenchError(`--write-docs draws a chart of ${MAIN_CASE_ID}: have it measured, too`);
  }
  return {
    proxies: named.length > 0 ? named : PROXY_IDS,
    areNamed: named.length > 0,
    isShort,
    cases: hasCases ? cases : [],
    extras:
      values.only === undefined
        ? extrasOf(isQuick, values.case !== undefined)
        : EXTRAS.filter((extra) => only.includes(extra)),
    isPartial: values.only !== undefined || values.case !== undefined,
    pace: {
      rounds: wholeNumber("rounds", values.rounds ?? (isQuick ? "3" : "5")),
      seconds: wholeNumber("seconds", values.seconds ?? (isShort ? "1" : isQuick ? "2" : "3")),
      warmUpSeconds: isShort || isQuick ? 1 : 2,
    },
    json: values.json,
    isForDocs,
    lb: values.lb,
    profile: values.profile,
  };
}

function casesOf(isQuick: boolean, isShort: boolean): readonly Case[] {
  if (isQuick) return CASES.slice(0, 1);
  return isShort ? CASES.filter(({ isInShortRun }) => isInShortRun) : CASES;
}

function extrasOf(isQuick: boolean, hasCaseList: boolean): readonly Extra[] {
  if (hasCaseList) return [];
  return isQuick ? QUICK_EXTRAS : USUAL_EXTRAS;
}

function valuesOf(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        short: { type: "boolean" },
        quick: { type: "boolean" },
        case: { type: "string" },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        lb: { type: "string" },
        json: { type: "string" },
        profile: { type: "string" },
        "write-docs": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function subjectOf(text: string): string {
  const word = text.trim();
  if (!SUBJECTS.includes(word)) {
    throw new BenchError(`--only: "${word}" is none of ${SUBJECTS.join(", ")}`);
  }
  return word;
}

/** Each case once, in the order of all cases, however they were named. */
function casesIn(list: string): readonly Case[] {
  const wanted = list.split(",").flatMap((text) => {
    const called = casesCalled(text.trim());
    if (called.length > 0) return called;
    throw new BenchError(`--case: "${text.trim()}" is none of ${CASES.map(({ id }) => id).join(", ")}`);
  });
  return CASES.filter((one) => wanted.includes(one));
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 600) {
    throw new BenchError(`--${flag}: "${text}" is not a whole number from 1 to 600`);
  }
  return number;
}

/** Words in lines that fit beside the flags. */
function listed(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 80) lines.push(word);
    else lines[lines.length - 1] = `${last},${word}`;
  }
  return lines.join(",\n                 ");
}
