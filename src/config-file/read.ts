import { extname, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../system.ts";
import { fileText, unreadable } from "./file-bytes.ts";
import { parseJson } from "./json.ts";
import { type Mistake, MistakenText, type TextParser } from "./node.ts";
import { checkLimits } from "./plain-value.ts";
import { readProgram } from "./program.ts";
import { ConfigFileError, type ConfigSource, fileProblem } from "./source.ts";
import { substitute, type Variables } from "./substitution.ts";
import { TextPlaces } from "./text-place.ts";
import { textSource } from "./text-source.ts";
import { parseToml } from "./toml.ts";
import { parseYaml } from "./yaml.ts";

/** The formats of text, by the extension that a file of it has. */
const TEXTS: Readonly<Record<string, TextParser>> = {
  ".yaml": parseYaml,
  ".yml": parseYaml,
  ".json": parseJson,
  ".toml": parseToml,
};

/** The extensions of programs, whose default export is the config. */
export const PROGRAMS: readonly string[] = [".ts", ".mts", ".js", ".mjs"];

/**
 * Reads a config file, by its extension: YAML, JSON, TOML, or a program in TypeScript or JavaScript.
 *
 * @param file Its path; messages name it as it is given here.
 * @param variables What `${NAME}` in a text stands for. A program asks `process.env` itself.
 * @param clock For how long a program may take.
 * @throws ConfigFileError with all that can be told to be wrong with it.
 */
export async function readConfigFile(
  file: string,
  variables: Variables,
  clock: Clock = systemClock,
): Promise<ConfigSource> {
  const extension = extname(file).toLowerCase();
  if (PROGRAMS.includes(extension)) return readProgram(file, clock);
  const parse = TEXTS[extension];
  if (parse === undefined) {
    const known = [...Object.keys(TEXTS), ...PROGRAMS].join(", ");
    throw unreadable(file, `found the extension ${JSON.stringify(extension)}, expected one of ${known}`);
  }
  const text = await fileText(file);
  const places = new TextPlaces(text);
  try {
    const parsed = await parse(text);
    checkLimits(parsed.root);
    substitute(parsed, text, variables);
    return textSource(file, resolve(file), parsed.root, places);
  } catch (error) {
    throw mistaken(file, places, mistakesOf(error));
  }
}

function mistakesOf(error: unknown): readonly Mistake[] {
  if (error instanceof MistakenText) return error.mistakes;
  // A parser that is called for each level of brackets has no more room for calls.
  if (error instanceof RangeError) {
    return [{ offset: 0, message: "found lists and objects too deep in each other, expected fewer" }];
  }
  throw error;
}

function mistaken(file: string, places: TextPlaces, mistakes: readonly Mistake[]): ConfigFileError {
  const problems = mistakes
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => fileProblem(file, message, places.at(offset)));
  return new ConfigFileError(problems, [resolve(file)]);
}
