import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "../machine.ts";
import type { Command } from "../processes.ts";

/** The `lb` to measure, and what it can do. */

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BINARY = join(ROOT, "lb");

/** An `lb` that was found. */
export interface LbProgram {
  /** The binary, or a `.ts` file for bun to run. */
  readonly path: string;
  /** What it says its version is. */
  readonly version: string;
  /** The flags that its help names, dashes and all: an older one has fewer. */
  readonly flags: ReadonlySet<string>;
  /** Where it is to leave its CPU profiles, one for each time that it ran; undefined if nowhere. */
  readonly profileDirectory: string | undefined;
}

/** What is said of it on the command line. */
interface Asked {
  /** The `lb` to take. */
  readonly lb: string | undefined;
  /** The directory for profiles. */
  readonly profile: string | undefined;
}

/**
 * The `lb` asked for, else the build in the repository, else one compiled for this run.
 *
 * @throws BenchError if there is none, or if it does not even show its help.
 */
export function findLb({ lb, profile }: Asked, directory: string): LbProgram {
  const path = pathOfLb(lb, directory);
  const help = output(path, "--help");
  return {
    path,
    version: output(path, "--version").trim(),
    profileDirectory: profile === undefined ? undefined : profileDirectory(profile),
    flags: new Set(Array.from(help.matchAll(/^ *(--[a-z0-9-]+)/gm), ([, flag = ""]) => flag)),
  };
}

/** What runs it with these flags. */
export function commandOf({ path, profileDirectory }: LbProgram, flags: readonly string[]): Command {
  const argv = argvOf(path, flags);
  return profileDirectory === undefined ? { argv } : { argv, env: profiled(profileDirectory) };
}

function argvOf(path: string, flags: readonly string[]): string[] {
  return [...(path.endsWith(".ts") ? [process.execPath, "run"] : []), path, ...flags];
}

/** What Bun reads in a compiled binary, too. */
function profiled(directory: string): Readonly<Record<string, string>> {
  return { BUN_OPTIONS: `--cpu-prof --cpu-prof-md --cpu-prof-dir=${directory}` };
}

function profileDirectory(asked: string): string {
  const directory = resolve(asked);
  // It reaches the program in a variable that separates its words by spaces.
  if (/\s/.test(directory)) throw new BenchError(`--profile: "${directory}" has spaces in it`);
  return directory;
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
  const { exitCode, stdout, stderr } = Bun.spawnSync(argvOf(path, [flag]));
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
