/** How to start this program once more. */
export interface OwnCommand {
  readonly file: string;
  /** The name that it was started by: it acts by it. */
  readonly name: string;
  /** What follows the name. */
  readonly words: readonly string[];
}

/** The command that started this process, be it Bun with a script or an executable that holds the program. */
export function ownCommand(): OwnCommand {
  const [, script = "", ...words] = process.argv;
  const scripts = isInExecutable(script) ? [] : [...process.execArgv, script];
  return { file: process.execPath, name: process.argv0, words: [...scripts, ...words] };
}

/** Whether the program is part of the executable: Bun keeps such files in a file system of their own. */
function isInExecutable(script: string): boolean {
  return script.startsWith("/$bunfs/");
}
