import { basename } from "node:path";
import pkg from "../../package.json" with { type: "json" };
import { ConfigError, didYouMean } from "../config/problem.ts";
import { UsageError } from "./args.ts";
import { checkCommand } from "./check/check.ts";
import { paintFor } from "./colours.ts";
import { type Command, execute, parseCommand } from "./command.ts";
import { demoCommand } from "./demo/demo.ts";
import { explainCommand } from "./explain/explain.ts";
import type { Environment } from "./given.ts";
import { hashPasswordCommand } from "./hash-password.ts";
import { reloadCommand } from "./reload/reload.ts";
import { schemaCommand } from "./schema/schema.ts";
import { serveCommand } from "./serve.ts";
import { simulateCommand } from "./simulate/simulate.ts";
import { statusCommand } from "./status.ts";
import { testServerCommand } from "./test-server.ts";
import { commandUsage, overview } from "./usage.ts";

/** Every command; the first is the one that is meant when none is named. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  demoCommand,
  simulateCommand,
  statusCommand,
  checkCommand,
  explainCommand,
  reloadCommand,
  schemaCommand,
  hashPasswordCommand,
  testServerCommand,
];

/**
 * Runs `lb`: reads the command line, does what it says, and tells mistakes on standard error.
 *
 * @param name The name that the program was started by: as `test-server` it is that command.
 * @param words The command line after the program's name.
 * @returns The exit code: 0, 1 for what went wrong, 2 for a command line that cannot be understood.
 */
export async function runCli(
  name: string,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  try {
    return await dispatch(name, words, environment);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof ConfigError)) throw error;
    const program = isTestServer(name) ? testServerCommand.name : "lb";
    const prefix = paintFor(process.stderr)("red", `${program}:`);
    for (const line of error.message.split("\n")) process.stderr.write(`${prefix} ${line}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(name: string, words: readonly string[], environment: Environment): Promise<number> {
  const paint = paintFor(process.stdout);
  if (isTestServer(name)) return runCommandLine(testServerCommand, words, environment);
  const [first] = words;
  if (first === undefined || first.startsWith("-")) {
    const parsed = parseCommand(serveCommand, words);
    if (parsed.asks !== "help") return runCommandLine(serveCommand, words, environment);
    process.stdout.write(overview(COMMANDS, pkg.version, paint));
    return 0;
  }
  if (first === "help") return dispatch(name, [...words.slice(1), "--help"], environment);
  return runCommandLine(commandOf(first), words.slice(1), environment);
}

async function runCommandLine(
  command: Command,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const parsed = parseCommand(command, words);
  switch (parsed.asks) {
    case "help":
      process.stdout.write(commandUsage(command, paintFor(process.stdout)));
      return 0;
    case "version":
      process.stdout.write(`lb ${pkg.version}\n`);
      return 0;
    case "run":
      return execute(command, parsed.values, environment);
  }
}

function commandOf(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const names = COMMANDS.map(({ name }) => name);
  const near = didYouMean(word, names);
  throw new UsageError(`"${word}": unknown command${near || `, expected one of ${names.join(", ")}`}`);
}

/** Whether the program was started by the name of its link `test-server`. */
function isTestServer(name: string): boolean {
  return basename(name).replace(/\.exe$/i, "") === testServerCommand.name;
}
