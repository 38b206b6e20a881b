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
import { dirname, join } from "node:path";
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
/** Where a declaration says that it has types from. */
const TYPES_FROM = /(?:from |import\()"([^"]+)"/g;
/** Packages that are in the library's own, which brings none along. */
const TAKEN_IN = ["valibot", "jose", "hash-wasm"];
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
  const compiled = typescript("--declaration", "false");
  if (compiled.exitCode !== 0) {
    console.error(compiled.text);
    process.exit(compiled.exitCode);
  }
  for (const name of TAKEN_IN) await takeIn(name);
  await declareTypes();
  said(PACKAGE_FOLDER, startMs);
}

/**
 * Writes the types that users can come by. Those of the schemas, which nobody outside sees, cannot be written out, and
 * would ask for a package that is not there.
 */
async function declareTypes(): Promise<void> {
  const { text } = typescript("--emitDeclarationOnly");
  const { files }: { files: string[] } = await Bun.file("src/tsconfig.json").json();
  const reachable = new Set<string>();
  const waiting = files.map((file) => declarationOf(file));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reachable.has(path)) continue;
    reachable.add(path);
    for (const [, from = ""] of (await Bun.file(`${PACKAGE_FOLDER}/${path}`).text()).matchAll(TYPES_FROM)) {
      if (from.startsWith(".")) waiting.push(declarationOf(join(dirname(path), from)));
      else if (!from.startsWith("node:")) throw new Error(`the types of ${path} ask for the package ${from}`);
    }
  }
  const failures = text
    .split("\n")
    .filter((line) => reachable.has(declarationOf(line.slice(4, line.indexOf("(")))));
  if (failures.length > 0) throw new Error(failures.join("\n"));
  for await (const path of new Bun.Glob("**/*.d.ts").scan(PACKAGE_FOLDER)) {
    if (!reachable.has(path)) await rm(`${PACKAGE_FOLDER}/${path}`);
  }
}

function declarationOf(path: string): string {
  return path.replace(/\.[jt]s$/, ".d.ts");
}

function typescript(...flags: readonly string[]): { readonly exitCode: number; readonly text: string } {
  const compiler = [process.execPath, "node_modules/typescript/bin/tsc", "-p", "src"];
  const { exitCode, stdout } = Bun.spawnSync([...compiler, ...flags], { stderr: "inherit" });
  return { exitCode, text: stdout.toString() };
}

/** Puts a package that the library uses into it, in one file and with its licence, so that it needs no other. */
async function takeIn(name: string): Promise<void> {
  const taken = `packages/${name}.js`;
  const entry = `${PACKAGE_FOLDER}/${taken}`;
  await Bun.write(entry, `export * from "${name}";\n`);
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", format: "esm" });
  const home = `node_modules/${name}`;
  const [licence] = await Array.fromAsync(new Bun.Glob("LICENSE*").scan(home));
  if (licence === undefined || outputs.length !== 1) throw new Error(`${name} is no package to take in`);
  const notice = (await Bun.file(`${home}/${licence}`).text()).trim();
  await Bun.write(entry, `/*! ${name}\n${notice}\n*/\n${await outputs[0]?.text()}`);
  for await (const path of new Bun.Glob("**/*.js").scan(PACKAGE_FOLDER)) {
    const file = Bun.file(`${PACKAGE_FOLDER}/${path}`);
    const text = await file.text();
    const up = "../".repeat(path.split("/").length - 1) || "./";
    const changed = text.replaceAll(new RegExp(`((?:from|import) ?\\(?)"${name}"`, "g"), `$1"${up}${taken}"`);
    if (changed !== text) await file.write(changed);
  }
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
