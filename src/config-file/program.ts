import { resolve } from "node:path";
import { fileBytes } from "./file-bytes.ts";
import { importAnew } from "./program-modules.ts";
import { programProblems } from "./program-problems.ts";
import { ConfigFileError, type ConfigSource, fileProblem } from "./source.ts";

/**
 * Runs a program whose default export is the config, or a function that returns it, either of which may be a promise.
 * It and the modules that it imports are read anew each time, packages in `node_modules` once.
 *
 * @throws ConfigFileError if it cannot be run, or exports nothing.
 */
export async function readProgram(file: string): Promise<ConfigSource> {
  // Bun says of a file that is not there only that it could not read it.
  await fileBytes(file);
  const { files, outcome } = await importAnew(resolve(file), configOf);
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
