import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { within } from "../../raw/within.ts";

/** The longest that a command may take, in milliseconds. Only what is broken takes that long. */
const PATIENCE_MS = 30_000;

/**
 * A WebSocket client or server in a Node process of its own, with the `ws` package: Bun has put its own in place of
 * that one, so that nothing in this process would show how others speak.
 */
export class Peer implements AsyncDisposable {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #folder: string;
  readonly #waiting = new Map<number, ReturnType<typeof Promise.withResolvers<unknown>>>();
  #commands = 0;

  private constructor(process: Bun.Subprocess<"pipe", "pipe", "inherit">, folder: string) {
    this.#process = process;
    this.#folder = folder;
    void this.#read();
  }

  /** Starts a program of this folder. */
  static async start(name: "client" | "server"): Promise<Peer> {
    const folder = await mkdtemp(join(tmpdir(), "lb-websocket-"));
    const build = await Bun.build({
      entrypoints: [join(import.meta.dir, `${name}.ts`)],
      target: "node",
      format: "esm",
      outdir: folder,
      naming: "[name].mjs",
    });
    if (!build.success) throw new AggregateError(build.logs, `${name} could not be bundled`);
    const options = { stdin: "pipe", stdout: "pipe", stderr: "inherit" } as const;
    return new Peer(Bun.spawn(["node", join(folder, `${name}.mjs`)], options), folder);
  }

  /** Tells it to do something, and waits for what comes of it. */
  async tell<T>(command: string, argument: object = {}): Promise<T> {
    const id = this.#commands++;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#process.stdin.write(`${JSON.stringify({ id, command, argument })}\n`);
    this.#process.stdin.flush();
    return (await within(PATIENCE_MS, `an answer to "${command}"`, answer.promise)) as T;
  }

  /** Ends it at once, as if it had crashed. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const bytes of this.#process.stdout) {
      text += new TextDecoder().decode(bytes);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#hear(JSON.parse(line));
    }
    for (const { reject } of this.#waiting.values()) reject(new Error("the peer ended before it answered"));
  }

  #hear({ id, result, error }: { id: number; result?: unknown; error?: string }): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error));
  }
}
