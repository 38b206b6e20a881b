import { ownCommand } from "./own-command.ts";

/**
 * Bun lets a process have 256 fetches under way at once, which a balancer would hit before anything else.
 * The limit is a variable that Bun reads as it starts, so a program can lift it only by becoming itself
 * once more.
 */

const LIMIT_VARIABLE = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/** The most that Bun takes. */
const MOST_FETCHES = "65535";

/** Node's `process.execve`, which Bun has where the system does. */
type Execve = (file: string, args: readonly string[], environment: Record<string, string>) => never;

/**
 * Replaces the process by one that may have 65,535 fetches under way; with the same pid, name and arguments.
 * Does nothing if the variable is set, be it by the user or by the process before, or if there is no
 * execve, as on Windows.
 *
 * @param onFailure Told why, if the system refuses; the process then goes on with Bun's limit.
 */
export function liftFetchLimit(onFailure: (reason: string) => void): void {
  const { execve } = process as { execve?: Execve };
  if (process.env[LIMIT_VARIABLE] !== undefined || execve === undefined) return;
  const environment: Record<string, string> = { [LIMIT_VARIABLE]: MOST_FETCHES };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  const { file, name, words } = ownCommand();
  try {
    execve.call(process, file, [name, ...words], environment);
  } catch (error) {
    onFailure(error instanceof Error ? error.message : String(error));
  }
}
