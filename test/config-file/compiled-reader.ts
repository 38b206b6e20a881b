import { afterAll, beforeAll } from "bun:test";
import { join } from "node:path";
import type { TestFolder } from "./folder.ts";

/** What came of a file: its value, or why it could not be read. */
export interface Answer {
  readonly value?: unknown;
  readonly message?: string;
  readonly files?: readonly string[];
}

/**
 * `reader.ts` as an executable, built as `lb` is, and run where there are no packages: what a config file can import then
 * is what is in the executable, and what is beside the file.
 */
export class CompiledReader {
  #process!: Bun.Subprocess<"pipe", "pipe", "inherit">;
  #lines!: ReadableStreamDefaultReader<Uint8Array>;
  #rest = "";

  constructor(folder: TestFolder) {
    beforeAll(async () => {
      const outfile = join(folder.path, "reader");
      await Bun.build({
        entrypoints: [join(import.meta.dirname, "reader.ts")],
        format: "esm",
        splitting: true,
        compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
      });
      this.#process = Bun.spawn([outfile], {
        cwd: folder.path,
        stdin: "pipe",
        stdout: "pipe",
        stderr: "inherit",
      });
      this.#lines = this.#process.stdout.getReader();
    }, 60_000);
    afterAll(async () => {
      this.#process.stdin.end();
      await this.#process.exited;
    });
  }

  /** Has it read a file, or do what else a line of `reader.ts` says. */
  async ask(line: string): Promise<Answer> {
    this.#process.stdin.write(`${line}\n`);
    await this.#process.stdin.flush();
    const decoder = new TextDecoder();
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`the reader ended after ${JSON.stringify(this.#rest)}`);
      this.#rest += decoder.decode(value, { stream: true });
    }
    const end = this.#rest.indexOf("\n");
    const answer = JSON.parse(this.#rest.slice(0, end)) as Answer;
    this.#rest = this.#rest.slice(end + 1);
    return answer;
  }
}
