import { parseArgs } from "node:util";
import { BenchError } from "./machine.ts";
import type { Pace } from "./throughput.ts";

/** What can be measured, in the order it is. */
export const SUBJECTS = ["lb", "relay", "nginx", "haproxy", "caddy", "picking", "cold-start"] as const;

/** One of the words above. */
export type Subject = (typeof SUBJECTS)[number];

/** What the user asked for. */
export interface Flags {
  readonly only: readonly Subject[];
  /** Only the first case. */
  readonly isQuick: boolean;
  readonly pace: Pace;
  /** Where to write all figures. */
  readonly json: string | undefined;
  /** The `lb` to measure. */
  readonly lb: string | undefined;
}

/** The help. */
export const USAGE = `bun run bench [flags]

  --quick        100-byte replies over 64 connections only, and short
  --only LIST    some of ${SUBJECTS.join(",")}
  --rounds N     turns of each proxy in each case (default 5, quick 3)
  --seconds N    of load in each turn (default 5, quick 2)
  --lb PATH      the lb to measure, a binary or a .ts file (default ./lb, else one compiled for the run)
  --json FILE    write every sample to FILE as well

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
  const seconds = wholeNumber("seconds", values.seconds ?? (isQuick ? "2" : "5"));
  return {
    only: values.only === undefined ? SUBJECTS : values.only.split(",").map(subjectOf),
    isQuick,
    pace: {
      rounds: wholeNumber("rounds", values.rounds ?? (isQuick ? "3" : "5")),
      seconds,
      warmUpSeconds: 2,
    },
    json: values.json,
    lb: values.lb,
  };
}

function valuesOf(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        quick: { type: "boolean" },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        lb: { type: "string" },
        json: { type: "string" },
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

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 600) {
    throw new BenchError(`--${flag}: "${text}" is not a whole number from 1 to 600`);
  }
  return number;
}
