import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until, within } from "../raw/within.ts";
import type { Capabilities } from "./capabilities.ts";

/** A runtime that programs of ours run in. */
export interface Runtime {
  readonly name: "bun" | "deno" | "node";
  readonly capabilities: Capabilities;
  /** How its balancer reaches the backends. */
  readonly transport: "fetch" | "http1";
  /** How its balancer takes its clients' connections. */
  readonly front: "web" | "http1";
  /** Where the executable is, and what stands before the program's name. */
  readonly command: readonly string[];
  /** True if it runs no TypeScript: the program is bundled first. */
  readonly needsBundle: boolean;
}

/** What the fixture tells while it runs. */
export interface Told {
  readonly url?: string;
  /** The code of the error that kept it from listening. */
  readonly refused?: string;
  readonly change?: { url: string; available: boolean; byTraffic: boolean; reason: string };
  readonly failed?: { url: string; reason: string };
}

/** A program of ours running in one of the runtimes. */
export class Program {
  /** What it told so far, a line each. */
  readonly told: Told[] = [];
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #reading: Promise<void>;
  #errors = "";

  private constructor(process: Bun.Subprocess<"ignore", "pipe", "pipe">) {
    this.#process = process;
    this.#reading = this.#read();
    void this.#readErrors();
  }

  /** Starts a program of this folder, and waits until it says where it listens. */
  static async start(
    runtime: Runtime,
    file: string,
    argument: object,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    const path = runtime.needsBundle ? await bundled(file) : join(import.meta.dir, file);
    const process = Bun.spawn([...runtime.command, path, JSON.stringify(argument)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: {
        ...Bun.env,
        BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
        DENO_NO_UPDATE_CHECK: "1",
        FIXTURE_TRANSPORT: runtime.transport,
        FIXTURE_FRONT: runtime.front,
        ...env,
      },
    });
    const program = new Program(process);
    const started = () => program.told.some(({ url }) => url !== undefined) || process.exitCode !== null;
    await until(`${file} listens in ${runtime.name}`, started, 20_000);
    if (process.exitCode !== null) throw new Error(`${file} ended at once: ${await program.lastWords()}`);
    return program;
  }

  get url(): string {
    return this.told.find(({ url }) => url !== undefined)?.url ?? "";
  }

  /** What it wrote to its standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Every change of a backend's state that it told. */
  get changes(): string[] {
    return this.told.flatMap(({ change }) =>
      change === undefined ? [] : [`${change.url} ${change.available ? "up" : "down"}`],
    );
  }

  /** Memory that it holds, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await Bun.file(`/proc/${this.#process.pid}/status`).text();
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Asks it to end. */
  terminate(): void {
    this.#process.kill("SIGTERM");
  }

  /** Waits for its end and gives its exit code. */
  async exited(ms = 15_000): Promise<number> {
    const code = await within(ms, "the program's end", this.#process.exited);
    await this.#reading;
    return code;
  }

  /** What it said before it ended. */
  async lastWords(): Promise<string> {
    await this.exited();
    return `${this.told.map((line) => JSON.stringify(line)).join("\n")}\n${this.#errors}`;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const bytes of this.#process.stdout) {
      text += new TextDecoder().decode(bytes);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      // A runtime may have something of its own to say.
      for (const line of lines) if (line.startsWith("{")) this.told.push(JSON.parse(line) as Told);
    }
  }

  async #readErrors(): Promise<void> {
    for await (const bytes of this.#process.stderr) this.#errors += new TextDecoder().decode(bytes);
  }
}

let bundles: Promise<string> | undefined;
const built = new Map<string, Promise<string>>();

/** One JavaScript file of a program and all it imports, made once. */
function bundled(file: string): Promise<string> {
  const known = built.get(file);
  if (known !== undefined) return known;
  const building = bundle(file);
  built.set(file, building);
  return building;
}

async function bundle(file: string): Promise<string> {
  bundles ??= mkdtemp(join(tmpdir(), "lb-adapters-"));
  const outdir = await bundles;
  const result = await Bun.build({
    entrypoints: [join(import.meta.dir, file)],
    target: "node",
    format: "esm",
    outdir,
    naming: "[name].mjs",
  });
  if (!result.success) throw new AggregateError(result.logs, `${file} could not be bundled`);
  return join(outdir, file.replace(/\.ts$/, ".mjs"));
}

/** Removes what was bundled. */
export async function removeBundles(): Promise<void> {
  if (bundles === undefined) return;
  await rm(await bundles, { recursive: true });
  bundles = undefined;
  built.clear();
}
