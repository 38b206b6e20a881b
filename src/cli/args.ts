import { didYouMean, nearestSpelling } from "../config/problem.ts";
import type { Flags } from "./flags.ts";

/** A command line that cannot be understood, in one sentence. Ends the program with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What stands on a command line after the command's name. */
export type ParsedArgs =
  | {
      readonly asks: "run";
      /** The values by flag name, in the order given; a flag without a value has `true`. */
      readonly values: ReadonlyMap<string, readonly string[]>;
    }
  | { readonly asks: "help" }
  | { readonly asks: "version" };

/** One flag as it stands there: one dash or two, and perhaps a value after `=`. */
const FLAG = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/is;

/**
 * Reads arguments as Go's `flag` package does: `-port 80`, `-port=80`, `--port 80` and `--port=80` are the
 * same, and `-h`, `-help` and `-version` work everywhere. Unlike there, the next word is not taken for a
 * value if it is a flag of this command, so that a forgotten value is found out.
 *
 * @param command How the command is called, for errors: `lb serve`.
 * @param operand The flag that a word without one stands for, once. Default: no word may stand alone.
 * @throws UsageError for an unknown flag, a missing value, or a word that belongs to no flag.
 */
export function parseArgs(
  words: readonly string[],
  flags: Flags,
  command: string,
  operand?: string,
): ParsedArgs {
  const values = new Map<string, string[]>();
  const names = Object.keys(flags);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    const [, name, attached] = FLAG.exec(word) ?? [];
    if (name === undefined) {
      if (operand === undefined || word.startsWith("-")) throw unexpected(word, command, flags);
      const [before] = values.get(operand) ?? [];
      if (before !== undefined)
        throw secondOperand(word, before, flags[operand]?.valueHint ?? operand, command);
      values.set(operand, [word]);
      continue;
    }
    if (name === "h" || name === "help") return { asks: "help" };
    if (name === "version") return { asks: "version" };
    const known = nameOf(name, flags);
    const flag = known === undefined ? undefined : flags[known];
    if (known === undefined || flag === undefined) throw unknownFlag(word, name, names, command);
    let value = attached;
    if (value === undefined && flag.type === "boolean") value = "true";
    if (value === undefined) {
      value = words[index + 1];
      if (value === undefined || isFlagOf(value, flags))
        throw missingValue(known, flag.valueHint ?? "a value");
      index += 1;
    }
    const before = values.get(known);
    if (before === undefined || flag.isList !== true) values.set(known, [value]);
    else before.push(value);
  }
  return { asks: "run", values };
}

/** The name of the flag that is called so, by its name or by its letter. */
function nameOf(word: string, flags: Flags): string | undefined {
  if (Object.hasOwn(flags, word)) return word;
  return Object.keys(flags).find((name) => flags[name]?.letter === word);
}

/** Whether a word is one of the flags, or looks like one that was misspelt. */
function isFlagOf(word: string, flags: Flags): boolean {
  const [, name] = FLAG.exec(word) ?? [];
  if (name === undefined) return false;
  if (name === "h" || nameOf(name, flags) !== undefined) return true;
  return nearestSpelling(name, [...Object.keys(flags), "help", "version"]) !== undefined;
}

function unknownFlag(word: string, name: string, names: readonly string[], command: string): UsageError {
  const written = word.split("=")[0];
  const near = didYouMean(name, [...names, "help", "version"], "--");
  return new UsageError(
    `${written}: unknown flag${near || `, expected one of those that ${command} --help lists`}`,
  );
}

function secondOperand(word: string, before: string, hint: string, command: string): UsageError {
  return new UsageError(`${command}: found "${word}" after "${before}", expected one ${hint}`);
}

function missingValue(name: string, hint: string): UsageError {
  return new UsageError(`--${name}: found no value, expected ${hint}`);
}

function unexpected(word: string, command: string, flags: Flags): UsageError {
  const example = Object.entries(flags).find(([, flag]) => flag.type === "string");
  const such = example === undefined ? "" : ` such as --${example[0]}`;
  return new UsageError(`${command}: found "${word}", expected a flag${such}`);
}
