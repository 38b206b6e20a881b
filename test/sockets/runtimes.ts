import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bunSockets } from "../../src/sockets/bun.ts";
import type { ServerTls } from "../../src/sockets/socket.ts";
import { type Places, Stage } from "./scripts.ts";

const root = resolve(import.meta.dir, "../..");
const program = join(import.meta.dir, "program.ts");

/** A stage that is set up in some runtime. */
export interface Running {
  readonly places: Places;
  /** What it wrote to its standard error since it began. */
  errors(): string;
  stop(): Promise<void>;
}

async function inProcess(tls: ServerTls): Promise<Running> {
  const stage = new Stage(bunSockets);
  const places = await stage.listen(tls);
  return {
    places,
    errors: () => "",
    async stop() {
      stage.close();
    },
  };
}

async function inProgram(command: readonly string[], tls: ServerTls): Promise<Running> {
  const run = Bun.spawn([...command, JSON.stringify(tls)], {
    stdout: "pipe",
    stderr: "pipe",
    env: { ...Bun.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  let errors = "";
  void (async () => {
    for await (const bytes of run.stderr) errors += new TextDecoder().decode(bytes);
  })();
  let line = "";
  for await (const bytes of run.stdout) {
    line += new TextDecoder().decode(bytes);
    if (line.includes("\n")) break;
  }
  if (line === "") throw new Error(`it did not listen: ${errors}`);
  return {
    places: JSON.parse(line) as Places,
    errors: () => errors,
    async stop() {
      run.kill("SIGKILL");
      await run.exited;
    },
  };
}

async function bundled(folder: string): Promise<string> {
  const result = await Bun.build({
    entrypoints: [program],
    target: "node",
    format: "esm",
    outdir: folder,
    naming: "[name].mjs",
  });
  if (!result.success) throw new AggregateError(result.logs, "it could not be bundled");
  return join(folder, "program.mjs");
}

const binary = (name: string) => join(root, "node_modules/.bin", name);

/** How a stage is set up in each runtime, with this certificate; for a program, with what stands before it. */
export const RUNTIMES: Readonly<
  Record<string, (tls: ServerTls, before?: readonly string[]) => Promise<Running>>
> = {
  bun: (tls, before = []) =>
    before.length === 0 ? inProcess(tls) : inProgram([...before, binary("bun"), "run", program], tls),
  deno: (tls, before = []) =>
    inProgram(
      [...before, binary("deno"), "run", "-A", "--unstable-net", "--no-config", "--no-lock", program],
      tls,
    ),
  async node(tls, before = []) {
    const folder = await mkdtemp(join(tmpdir(), "lb-sockets-"));
    try {
      return await inProgram([...before, "node", await bundled(folder)], tls);
    } finally {
      // It has started, and reads no more of it.
      await rm(folder, { recursive: true });
    }
  },
};
