import { type ConfigSource, findConfigFile, readConfigFile } from "../config-file/index.ts";
import { UsageError } from "./args.ts";
import type { Environment, Given } from "./given.ts";
import { type ServeSettings, settingsOf } from "./serve-settings.ts";
import { handedSecret } from "./sticky-settings.ts";

/**
 * Reads everything that `lb serve` is told: flags, variables, and the config file that they name, or else the one in the
 * folder that `lb` is run in, if no backends are given. May be called again, to find out whether the file has changed.
 *
 * @throws ConfigError with all that is wrong, each with its place; `ConfigFileError` if there is a file.
 * @throws UsageError if there are neither a file nor backends.
 */
export async function loadSettings(
  given: Given,
  environment: Environment = process.env,
): Promise<ServeSettings> {
  return settingsOf(given, await sourceOf(given, environment), handedSecret(environment));
}

async function sourceOf(given: Given, environment: Environment): Promise<ConfigSource | undefined> {
  const named = given.text("config");
  if (named === undefined && given.has("backends")) return undefined;
  const file = named ?? (await findConfigFile("."));
  if (file !== undefined) return readConfigFile(file, environment);
  throw new UsageError(
    "--backends: found none, expected at least one URL such as http://localhost:8081 (or try lb demo)",
  );
}
