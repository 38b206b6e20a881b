import { type CommandDef, defineCommand, runCommand } from "citty";
import { type ParsedArgs, parseArgs } from "./args.ts";
import { cittyArgs, type Flags } from "./flags.ts";
import { type Environment, Given } from "./given.ts";

/** One of the commands of `lb`. */
export interface Command {
  readonly name: string;
  /** One line on what it does. */
  readonly summary: string;
  readonly flags: Flags;
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** The flag that a word without one stands for: `lb check lb.yaml` is `lb check --config lb.yaml`. Default none. */
  readonly operand?: string;
  /** True if each flag can also be set by its environment variable. Default false. */
  readonly hasVariables?: boolean;
  /**
   * Does it.
   *
   * @returns The exit code.
   * @throws ConfigError for a value that makes no sense.
   */
  run(given: Given): Promise<number>;
}

/** The command as citty describes one; it is run with what was given as its `data`. */
export function cittyCommand(command: Command): CommandDef {
  return defineCommand({
    meta: { name: command.name, description: command.summary },
    args: cittyArgs(command.flags),
    run: ({ data }) => command.run(data as Given),
  });
}

/** Reads a command's arguments. @throws UsageError */
export function parseCommand(command: Command, words: readonly string[]): ParsedArgs {
  return parseArgs(words, command.flags, `lb ${command.name}`, command.operand);
}

/**
 * Runs a command with what stood on its command line.
 *
 * @returns The exit code.
 */
export async function execute(
  command: Command,
  values: ReadonlyMap<string, readonly string[]>,
  environment: Environment,
): Promise<number> {
  const given = new Given(command.flags, values, command.hasVariables === true ? environment : {});
  const rawArgs = [...values].flatMap(([name, texts]) => texts.map((text) => `--${name}=${text}`));
  const { result } = await runCommand(cittyCommand(command), { rawArgs, data: given });
  return result as number;
}
