import { parseArgs } from "node:util";
import { CASES, type Case, MAIN_CASE_ID } from "./cases.ts";
import { BenchError } from "./machine.ts";
import type { Pace } from "./throughput.ts";

/** The proxies that can be measured, in the order they are. */
const PROXIES = [
  "lb",
  "relay",
  "nginx",
  "haproxy",
  "caddy",
  "http-proxy",
  "fastify-http-proxy",
  "httpxy",
] as const;
/** What a run measures unless told otherwise. */
const USUAL = [...PROXIES, "idle", "workers", "picking", "cold-start"] as const;
/** What a quick run does. */
const QUICK = [...PROXIES, "picking", "cold-start"] as const;
/** What can be measured. */
const SUBJECTS = [...USUAL, "memory"] as const;

/** One of the words above. */
export type Subject = (typeof SUBJECTS)[number];

/** What the user asked for. */
export interface Flags {
  readonly only: readonly Subject[];
  /** No more than the cases of a short run, and in most of them no JavaScript peers. */
  readonly isShort: boolean;
  readonly cases: readonly Case[];
  readonly pace: Pace;
  /** Where to write all figures. */
  readonly json: string | undefined;
  /** Whether the docs get these figures. */
  readonly isForDocs: boolean;
  /** The `lb` to measure. */
  readonly lb: string | undefined;
}

/** The help. */
export const USAGE = `bun run bench [flags]

  --short        the cases with budgets, rounds of 1 s: about five minutes
  --quick        100-byte replies over 64 connections, picking and cold start: under two minutes
  --cases LIST   some of ${CASES.map(({ id }) => id).join(",")}
  --only LIST    some of ${SUBJECTS.join(",")}
                 (default: all but memory, which takes about two minutes for each lb)
  --rounds N     turns of each proxy in each case (default 5, short and quick 3)
  --seconds N    of load in each turn (default 3, quick 2, short 1)
  --lb PATH      the lb to measure, a binary or a .ts file (default ./lb, else one compiled for the run)
  --json FILE    write every sample to FILE as well
  --write-docs   write the figures into docs/BENCHMARK.md and docs/benchmark.svg, if nothing failed

Without flags it takes about half an hour.
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
  const only = values.only === undefined ? (isQuick ? QUICK : USUAL) : values.only.split(",").map(subjectOf);
  const cases = values.cases === undefined ? casesOf(isQuick, isShort) : values.cases.split(",").map(caseOf);
  const isForDocs = values["write-docs"] === true;
  const hasMain = cases.some(({ id }) => id === MAIN_CASE_ID) && PROXIES.some((name) => only.includes(name));
  if (isForDocs && !hasMain) {
    throw new BenchError(`--write-docs draws a chart of ${MAIN_CASE_ID}: have it measured, too`);
  }
  return {
    only,
    isShort,
    cases,
    pace: {
      rounds: wholeNumber("rounds", values.rounds ?? (isQuick || isShort ? "3" : "5")),
      seconds: wholeNumber("seconds", values.seconds ?? (isShort ? "1" : isQuick ? "2" : "3")),
      warmUpSeconds: isShort ? 1 : 2,
    },
    json: values.json,
    isForDocs,
    lb: values.lb,
  };
}

function casesOf(isQuick: boolean, isShort: boolean): readonly Case[] {
  if (isQuick) return CASES.slice(0, 1);
  return isShort ? CASES.filter(({ isInShortRun }) => isInShortRun) : CASES;
}

function valuesOf(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        short: { type: "boolean" },
        quick: { type: "boolean" },
        cases: { type: "string" },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        lb: { type: "string" },
        json: { type: "string" },
        "write-docs": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

function subjectOf(word: string): Subject {
  const subject = SUBJECTS.find((candidate) => candidate === word.trim());
  if (subject === undefined) {
    throw new BenchError(`--only: "${word}" is none of ${SUBJECTS.join(", ")}`);
  }
  return subject;
}

function caseOf(word: string): Case {
  const found = CASES.find(({ id }) => id === word.trim());
  if (found === undefined) {
    throw new BenchError(`--cases: "${word}" is none of ${CASES.map(({ id }) => id).join(", ")}`);
  }
  return found;
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 600) {
    throw new BenchError(`--${flag}: "${text}" is not a whole number from 1 to 600`);
  }
  return number;
}
