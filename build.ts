/**
 * Builds what is shipped:
 *
 *   bun build.ts               ./lb, ./test-server (a link to it), and the npm package in dist/
 *   bun build.ts --optimized   the same, minified and with bytecode: smaller code, a quicker start
 *   bun build.ts --all         release/lb-<target> for every target, optimized
 *   bun build.ts --package     dist/ alone
 *   bun build.ts --clean       removes all of them
 */
import { existsSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { parseArgs } from "node:util";

const TARGETS = [
  "bun-linux-x64",
  "bun-linux-arm64",
  "bun-linux-x64-musl",
  "bun-linux-arm64-musl",
  "bun-darwin-x64",
  "bun-darwin-arm64",
  "bun-windows-x64",
] as const;

const ENTRY = "src/main.ts";
const PACKAGE_FOLDER = "dist";
const RELEASE_FOLDER = "release";
const BUILT = ["lb", "lb.exe", "test-server", PACKAGE_FOLDER, RELEASE_FOLDER];

process.chdir(import.meta.dirname);

const { values: options } = parseArgs({
  options: {
    optimized: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    package: { type: "boolean", default: false },
    clean: { type: "boolean", default: false },
  },
});

if (options.clean) await clean();
else if (options.package) await buildPackage();
else if (options.all) await buildAllTargets();
else {
  await buildBinary("lb", options.optimized);
  await linkTestServer();
  await buildPackage();
}

/**
 * Compiles the executable. It must not pick up a `.env` or `bunfig.toml` from wherever it is run: both
 * belong to the program that is balanced there.
 */
async function buildBinary(
  outfile: string,
  optimized: boolean,
  target?: Bun.Build.CompileTarget,
): Promise<void> {
  const startMs = performance.now();
  await Bun.build({
    entrypoints: [ENTRY],
    // Bytecode takes a module that awaits at its top level only in this form.
    format: "esm",
    // What is imported late is a file of its own in the executable, and is not parsed before.
    splitting: true,
    minify: optimized,
    bytecode: optimized,
    sourcemap: "none",
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...(target === undefined ? {} : { target }),
    },
  });
  said(outfile, startMs);
}

/** The binary acts by the name that it is started with. */
async function linkTestServer(): Promise<void> {
  if (process.platform === "win32") return;
  await rm("test-server", { force: true });
  await symlink("lb", "test-server");
  console.log("built test-server, a link to lb");
}

async function buildAllTargets(): Promise<void> {
  for (const target of TARGETS) {
    await buildBinary(`${RELEASE_FOLDER}/lb-${target.slice("bun-".length)}`, true, target);
  }
}

/** The npm package: one module for each source file, so that a bundler takes only what is used. */
async function buildPackage(): Promise<void> {
  const startMs = performance.now();
  await rm(PACKAGE_FOLDER, { recursive: true, force: true });
  const tsc = Bun.spawnSync([process.execPath, "node_modules/typescript/bin/tsc", "-p", "src"], {
    stdout: "inherit",
    stderr: "inherit",
  });
  if (tsc.exitCode !== 0) process.exit(tsc.exitCode);
  said(PACKAGE_FOLDER, startMs);
}

async function clean(): Promise<void> {
  for (const path of BUILT) await rm(path, { recursive: true, force: true });
  console.log("removed everything built");
}

function said(path: string, startMs: number): void {
  const file = existsSync(path) ? path : `${path}.exe`;
  const megabytes = path === PACKAGE_FOLDER ? "" : `, ${Math.round(Bun.file(file).size / 1_000_000)} MB`;
  console.log(`built ${path}${megabytes} in ${Math.round(performance.now() - startMs)} ms`);
}
