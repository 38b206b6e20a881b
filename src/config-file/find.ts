import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { ConfigError } from "../config/problem.ts";
import { PROGRAMS } from "./read.ts";

/** What a config file is called that need not be named: with one of these extensions. */
const NAME = /^lb\.config\.(?:ts|mts|js|mjs|json|yaml|yml|toml)$/;

/**
 * The config file in a folder, for when none was named: `lb.config.yaml`, `.yml`, `.json` or `.toml`. A program of that
 * name is not taken: whoever may write to the folder would run code as whoever starts `lb` there.
 *
 * @returns Its path, or undefined if there is none.
 * @throws ConfigError if there are several, or one that is a program.
 */
export async function findConfigFile(folder: string): Promise<string | undefined> {
  // A folder that may not be read has none to take.
  const names = (await readdir(folder).catch(() => [])).filter((name) => NAME.test(name)).sort();
  const [name, ...others] = names;
  if (name === undefined) return undefined;
  if (others.length > 0) {
    throw new ConfigError(
      `config: found ${names.join(" and ")}, expected one, or --config with the one to take`,
    );
  }
  if (PROGRAMS.includes(extname(name))) {
    throw new ConfigError(`config: found ${name}, which is a program, expected --config ${name} to run it`);
  }
  return join(folder, name);
}
