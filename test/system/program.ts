import { readFileSync } from "node:fs";
import { within } from "../raw/within.ts";

/** The repository's own folder, whatever folder the tests are run in. */
const ROOT = `${import.meta.dir}/../..`;

/** The program as a user starts it: the binary that `LB_BINARY` names, or else the source. */
export const PROGRAM: readonly string[] =
  process.env.LB_BINARY === undefined ? [process.execPath, `${ROOT}/src/main.ts`] : [process.env.LB_BINARY];

/** What `--version` prints. */
export const VERSION: string = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8")).version;

/** The longest that anything may take, in milliseconds. Only what is broken takes that long. */
const PATIENCE_MS = 15_000;

/** A variable that the tests themselves were started with must not decide what they find. */
const FOREIGN = /^(LB_|NO_COLOR$|FORCE_COLOR$|BUN_CONFIG_|HTTPS?_PROXY$)/i;

/** The environment of the programs under test. */
export function environmentWith(variables: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !FOREIGN.test(name)) environment[name] = value;
  }
  return { ...environment, ...variables };
}

/** A program that runs, with what it has written so far. */
export class Program implements AsyncDisposable {
  readonly #process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #words: readonly string[];
  readonly #written: Promise<unknown>;
  #wake: () => void = () => {};
  stdout = "";
  stderr = "";

  /** Starts it. @param folder Where it is run in. Default: where the tests are. */
  constructor(words: readonly string[], variables: Readonly<Record<string, string>> = {}, folder?: string) {
    this.#words = words;
    this.#process = Bun.spawn([...PROGRAM, ...words], {
      env: environmentWith(variables),
      ...(folder === undefined ? {} : { cwd: folder }),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#written = Promise.all([
      this.#read(this.#process.stdout, (text) => {
        this.stdout += text;
      }),
      this.#read(this.#process.stderr, (text) => {
        this.stderr += text;
      }),
    ]);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Its exit code, once all it wrote was read. Minus one if a signal killed it. */
  get exitCode(): Promise<number> {
    const ended = this.#process.exited.then(async () => {
      await this.#written;
      return this.#process.exitCode ?? -1;
    });
    return within(PATIENCE_MS, `the end of ${this}`, ended);
  }

  /** Waits until its standard output has something that matches, and gives the match. */
  async wrote(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (this.#process.exitCode !== null) throw new Error(`${this} ended without writing ${pattern}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await within(PATIENCE_MS, `${pattern} from ${this}`, promise);
    }
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, however far it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  toString(): string {
    return `lb ${this.#words.join(" ")}, which wrote\n${this.stdout}${this.stderr}`;
  }

  async #read(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      take(decoder.decode(chunk, { stream: true }));
      this.#wake();
    }
    this.#wake();
  }
}

/** How a program ended. */
export interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function run(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<Result> {
  await using program = new Program(words, variables, folder);
  const exitCode = await program.exitCode;
  return { exitCode, stdout: program.stdout, stderr: program.stderr };
}
