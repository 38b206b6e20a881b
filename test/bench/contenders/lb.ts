import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError } from "../machine.ts";
import type { Contender } from "./contender.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BINARY = join(ROOT, "lb");

/**
 * `lb` as a user runs it: two flags, everything else as it comes.
 *
 * @param path The binary, or a `.ts` file for bun to run.
 */
export function lb(path: string): Contender {
  return {
    name: "lb",
    forwardsClient: true,
    missing: () => undefined,
    command: ({ port, backendPort }) => ({
      argv: [
        ...(path.endsWith(".ts") ? [process.execPath, "run"] : []),
        path,
        "-backends",
        `http://127.0.0.1:${backendPort}`,
        "-port",
        String(port),
      ],
    }),
  };
}

/**
 * The `lb` to measure: the one asked for, else the build in the repository, else one compiled for this run.
 *
 * @throws BenchError if the one asked for does not exist, or none is there and none can be compiled.
 */
export function findLb(asked: string | undefined, directory: string): string {
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

function newestSource(): number {
  const source = join(ROOT, "src");
  let newest = 0;
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    newest = Math.max(newest, statSync(join(source, name)).mtimeMs);
  }
  return newest;
}
