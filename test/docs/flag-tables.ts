import type { Command } from "../../src/cli/command.ts";
import { variableOf } from "../../src/cli/flags.ts";
import { COMMANDS } from "../../src/cli/run.ts";
import { table } from "./table.ts";

const BEGIN = "<!-- flags: written by `npm run docs` -->";
const END = "<!-- end of flags -->";

/** The reference with the tables of flags that the commands have now in place of the ones it had. */
export function withFlagTables(reference: string): string {
  const begin = reference.indexOf(BEGIN);
  const end = reference.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/REFERENCE.md has lost the marks around its flags");
  const tables = COMMANDS.map((command) => flagTable(command)).join("\n");
  return `${reference.slice(0, begin + BEGIN.length)}\n\n${tables}\n${reference.slice(end)}`;
}

function flagTable({ name, summary, flags, operand, hasVariables }: Command): string {
  const word = operand === undefined ? "" : ` [${flags[operand]?.valueHint}]`;
  const head = `### \`lb ${name}${word}\`: ${summary}\n\n`;
  if (Object.keys(flags).length === 0) return `${head}It has no flags.\n`;
  const [serve] = COMMANDS;
  const isAlso = (flag: string) => name !== serve?.name && serve?.flags[flag] === flags[flag];
  const hasAll = Object.keys(serve?.flags ?? {}).every(isAlso);
  const listed = Object.entries(flags).filter(([flag]) => !hasAll || !isAlso(flag));
  const also = hasAll ? `It has all flags of \`lb ${serve?.name}\`, too.\n\n` : "";
  const rows = listed.map(([flag, { description, valueHint = "", default: fallback = "", letter }]) => {
    const called = letter === undefined ? `--${flag}` : `-${letter}, --${flag}`;
    const cells = [
      `\`${called}${valueHint === "" ? "" : ` ${valueHint}`}\``,
      ...(hasVariables === true ? [`\`${variableOf(flag)}\``] : []),
      description,
      fallback === "" ? "" : `\`${fallback}\``,
    ];
    return cells;
  });
  const heads = ["Flag", ...(hasVariables === true ? ["Variable"] : []), "Meaning", "Default"];
  return `${head}${also}${table(heads, rows)}`;
}
