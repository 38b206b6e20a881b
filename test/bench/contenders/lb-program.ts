import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "../machine.ts";

/** The `lb` to measure, and what it can do. */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BINARY = join(ROOT, "lb");

/** An `lb` that was found. */
export interface LbProgram {
  /** The binary, or a `.ts` file for bun to run. */
  readonly path: string;
  /** What it says its version is. */
  readonly version: string;
  /** Whether it can be told how to talk to backends. */
  readonly hasTransports: boolean;
  /** Whether it can be told to be more than one process. */
  readonly hasWorkers: boolean;
}

/**
 * The `lb` asked for, else the build in the repository, else one compiled for this run.
 *
 * @throws BenchError if there is none, or if it does not even show its help.
 */
export function findLb(asked: string | undefined, directory: string): LbProgram {
  const path = pathOfLb(asked, directory);
  const help = output(path, "--help");
  return {
    path,
    version: output(path, "--version").trim(),
    hasTransports: /^ *--transport\b.*\bhttp1\b/m.test(help),
    hasWorkers: /^ *--workers\b/m.test(help),
  };
}

/** The command line that runs it with these flags. */
export function runLb(path: string, flags: readonly string[]): string[] {
  return [...(path.endsWith(".ts") ? [process.execPath, "run"] : []), path, ...flags];
}

function pathOfLb(asked: string | undefined, directory: string): string {
  if (asked !== undefined) {
    const path = resolve(asked);
    if (!existsSync(path)) throw new BenchError(`--lb: ${path} does not exist`);
    return path;
  }
  if (existsSync(BINARY)) {
    if (statSync(BINARY).mtimeMs < newestSource()) {
      console.warn("./lb is older than src: run `bun run build` to measure what is there now.");
    }
    return BINARY;
  }
  const outfile = join(directory, "lb");
  const flags = ["--compile", "--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig", "--minify"];
  const build = Bun.spawnSync(
    [process.execPath, "build", ...flags, join(ROOT, "src/main.ts"), "--outfile", outfile],
    { cwd: ROOT },
  );
  if (build.exitCode !== 0) throw new BenchError(`lb cannot be compiled:\n${build.stderr.toString().trim()}`);
  return outfile;
}

function output(path: string, flag: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(runLb(path, [flag]));
  if (exitCode !== 0) throw new BenchError(`${path} ${flag}: ${stderr.toString().trim()}`);
  return stdout.toString();
}

function newestSource(): number {
  const source = join(ROOT, "src");
  let newest = 0;
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    newest = Math.max(newest, statSync(join(source, name)).mtimeMs);
  }
  return newest;
}
