import { resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { fileBytes } from "./file-bytes.ts";
import { importAnew, TooLate } from "./program-modules.ts";
import { programProblems } from "./program-problems.ts";
import { ConfigFileError, type ConfigSource, fileProblem } from "./source.ts";

/**
 * The longest that a program may take to give its config, in milliseconds: enough to ask somebody for a part of it, and
 * an end for one that waits for what never comes.
 */
export const PROGRAM_TIMEOUT_MS = 30_000;

/**
 * Runs a program whose default export is the config, or a function that returns it, either of which may be a promise.
 * It and the modules that it imports are read anew each time, packages in `node_modules` once.
 *
 * @throws ConfigFileError if it cannot be run, takes longer than `PROGRAM_TIMEOUT_MS`, or exports nothing.
 */
export async function readProgram(file: string, clock: Clock): Promise<ConfigSource> {
  // Bun says of a file that is not there only that it could not read it.
  await fileBytes(file);
  const { files, outcome } = await importAnew(resolve(file), configOf, PROGRAM_TIMEOUT_MS, clock);
  if (!outcome.ok && outcome.error instanceof TooLate) {
    const message = `found no config after ${PROGRAM_TIMEOUT_MS / 1000} seconds, expected a program that gives one`;
    throw new ConfigFileError([fileProblem(file, message)], files);
  }
  if (!outcome.ok) throw new ConfigFileError(programProblems(file, files, outcome.error), files);
  const { value } = outcome;
  if (value === undefined) {
    const message = "found no default export, expected export default defineConfig({ … })";
    throw new ConfigFileError([fileProblem(file, message)], files);
  }
  return { value, file, files, where: () => undefined, has: () => true, reread: () => undefined };
}

async function configOf(module: { readonly default?: unknown }): Promise<unknown> {
  const exported = await module.default;
  return typeof exported === "function" ? exported() : exported;
}
