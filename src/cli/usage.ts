import type { Paint } from "./colours.ts";
import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";

const INDENT = "  ";

const VARIABLES =
  "Each flag has an environment variable, such as LB_HEALTH_PATH for --health-path; the flag counts more.";

/** The help of one command: what it does, its flags with their defaults, and lines to copy. */
export function commandUsage(command: Command, paint: Paint): string {
  return text([
    `${paint("bold", `lb ${command.name}`)}: ${command.summary}`,
    ...section(
      "Usage",
      [`${INDENT}${paint("cyan", `lb ${command.name}${operandText(command)} [flags]`)}`],
      paint,
    ),
    ...section("Flags", flagTable(command, paint), paint),
    ...(command.hasVariables === true ? ["", VARIABLES] : []),
    ...section("Examples", table(command.examples, paint), paint),
  ]);
}

/**
 * The help of `lb` itself: its commands, and the flags of the one that is meant when none is named.
 *
 * @param commands All of them, that one first.
 */
export function overview(commands: readonly Command[], version: string, paint: Paint): string {
  const rows = commands.map(({ name, summary }) => [`lb ${name}`, summary] as const);
  const examples = commands.flatMap((command) => command.examples.slice(0, 1));
  const [usual] = commands;
  return text([
    `${paint("bold", "lb")} ${version}: an HTTP load balancer`,
    ...section("Usage", [`${INDENT}${paint("cyan", "lb [command] [flags]")}`], paint),
    ...section("Commands", table(rows, paint), paint),
    ...(usual === undefined
      ? []
      : section(`Flags without a command, or with ${usual.name}`, flagTable(usual, paint), paint)),
    "",
    VARIABLES,
    ...section("Examples", table(examples, paint), paint),
    "",
    `${paint("cyan", "lb <command> --help")} lists the flags of that command.`,
  ]);
}

function section(heading: string, lines: readonly string[], paint: Paint): string[] {
  return ["", paint("bold", heading), ...lines];
}

function flagTable(command: Command, paint: Paint): string[] {
  const rows = Object.entries(command.flags).map(
    ([name, flag]) => [flagText(name, flag), docText(flag)] as const,
  );
  return table([...rows, ["--help", "show this"], ["--version", "show the version"]], paint);
}

function operandText({ flags, operand }: Command): string {
  return operand === undefined ? "" : ` [${flags[operand]?.valueHint}]`;
}

function flagText(name: string, flag: Flag): string {
  const called = flag.letter === undefined ? `--${name}` : `-${flag.letter}, --${name}`;
  return flag.valueHint === undefined ? called : `${called} ${flag.valueHint}`;
}

function docText(flag: Flag): string {
  return flag.default === undefined ? flag.description : `${flag.description} (default ${flag.default})`;
}

/** Two columns, the first as wide as its widest cell. */
function table(rows: readonly (readonly [string, string])[], paint: Paint): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${INDENT}${paint("cyan", left.padEnd(width))}  ${right}`);
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
