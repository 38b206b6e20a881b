import { ConfigError, type ConfigProblem, problemSentence } from "../../config/problem.ts";
import type { Command } from "../command.ts";
import type { Flags } from "../flags.ts";
import type { Given } from "../given.ts";
import { loadSettings } from "../load-settings.ts";
import { printed } from "../printed.ts";
import { SERVE_FLAGS } from "../serve-flags.ts";
import type { ServeSettings } from "../serve-settings.ts";
import { writtenOut } from "./written-out.ts";

const FLAGS = {
  ...SERVE_FLAGS,
  print: { type: "boolean", description: "print the config with every default, as JSON without secrets" },
  json: { type: "boolean", description: "print what was found as JSON" },
} as const satisfies Flags;

/** `lb check`: tells what is wrong in a config file, or with flags, without serving. */
export const checkCommand: Command = {
  name: "check",
  summary: "tell what is wrong in a config, and what is risky, without serving",
  flags: FLAGS,
  operand: "config",
  hasVariables: true,
  examples: [
    ["lb check lb.config.yaml", "every mistake, with its line"],
    ["lb check lb.config.ts --print", "the config with every default"],
    ["lb check --json", "of lb.config.yaml, .json or .toml, for a program"],
  ],
  async run(given) {
    const isJson = given.isOn("json");
    try {
      const settings = await loadSettings(given);
      if (isJson) await printFindings(settings.warnings, settings, given);
      else await tell(settings, given);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (isJson) await printFindings([], undefined, given, error.problems);
      else for (const problem of error.problems) process.stderr.write(`${problemSentence(problem)}\n`);
      return 1;
    }
  },
};

async function tell(settings: ServeSettings, given: Given): Promise<void> {
  const { warnings, listeners, resolved, source } = settings;
  for (const { place, message, ...warning } of warnings) {
    const sentence = problemSentence({ ...warning, place: `warning: ${place}`, message });
    process.stderr.write(`${sentence}\n`);
  }
  if (given.isOn("print")) {
    return printed(`${JSON.stringify(configOf(settings), undefined, 2)}\n`);
  }
  const pools = [...resolved.pools.values()];
  const backends = pools.reduce((sum, pool) => sum + pool.backends.length, 0);
  const counts = [
    count(listeners.length, "listener"),
    count(resolved.routes.length, "route"),
    count(pools.length, "pool"),
    count(backends, "backend"),
  ];
  const warned = warnings.length === 0 ? "" : `; ${count(warnings.length, "warning")}`;
  await printed(`${source?.file ?? "what was given"} is right: ${counts.join(", ")}${warned}\n`);
}

async function printFindings(
  warnings: readonly ConfigProblem[],
  settings: ServeSettings | undefined,
  given: Given,
  errors: readonly ConfigProblem[] = [],
): Promise<void> {
  const found = (severity: string) => (problem: ConfigProblem) => {
    const { at, path, place, message } = problem;
    return { severity, ...at, path, place, message, sentence: problemSentence(problem) };
  };
  const findings = {
    ok: settings !== undefined,
    problems: [...errors.map(found("error")), ...warnings.map(found("warning"))],
    ...(settings !== undefined && given.isOn("print") ? { config: configOf(settings) } : {}),
  };
  await printed(`${JSON.stringify(findings, undefined, 2)}\n`);
}

function configOf({ written, file }: ServeSettings): unknown {
  return writtenOut(written, file);
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
