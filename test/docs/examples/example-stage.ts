import { expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestApp } from "../../../src/test-server/app.ts";
import { startTestServer, type TestServer } from "../../../src/test-server/server.ts";
import { within } from "../../raw/within.ts";
import { environmentWith, PROGRAM, Program } from "../../system/program.ts";
import { listeningUrl } from "../../system/stage.ts";
import type { Command, Example } from "./page.ts";
import { type StartCommands, startCommands } from "./start-commands.ts";

/** The balancer's port on the page. */
const PAGE_PORT = 8080;

/** The longest that the commands of a block may take, in milliseconds. Only what is broken takes that long. */
const PATIENCE_MS = 60_000;

/** What ends the output of a command: nothing else prints it. */
const END = "\x1e";

/** What a test server was sent. */
export interface SeenRequest {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** An example as it runs: its files in a folder, its servers, and its balancer, a process, all on free ports. */
export class ExampleStage implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lb-example-"));
  /** All that test servers were sent but health checks. */
  readonly seen: SeenRequest[] = [];
  readonly #example: Example;
  readonly #files: ReadonlyMap<string, string>;
  readonly #commands: StartCommands;
  readonly #testServers: TestServer[] = [];
  readonly #ownServers: Bun.Subprocess<"ignore", "pipe", "inherit">[] = [];
  readonly #ports = new Map<number, number>();
  #balancer: Program | undefined;

  private constructor(example: Example, files: ReadonlyMap<string, string>) {
    this.#example = example;
    this.#files = files;
    this.#commands = startCommands(example.start);
  }

  /**
   * Starts what an example's commands say, and waits until every backend was found to be up.
   *
   * @param files The files of the whole page: an example may use what another one shows.
   */
  static async start(example: Example, files: ReadonlyMap<string, string>): Promise<ExampleStage> {
    const stage = new ExampleStage(example, files);
    try {
      await stage.#start();
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
    return stage;
  }

  get balancer(): Program {
    if (this.#balancer === undefined) throw new Error("the balancer was not started");
    return this.#balancer;
  }

  /** Where the balancer listens. */
  get url(): string {
    return this.real(`http://localhost:${PAGE_PORT}`);
  }

  /** A text of the page with the ports that there are in place of its own. */
  real(text: string): string {
    return text.replace(/\b(localhost:)(\d+)/g, (all, host: string, port: string) => {
      const real = this.#ports.get(Number(port));
      return real === undefined ? all : `${host}${real}`;
    });
  }

  /** Types one of the example's blocks of commands, and finds that each prints what the page says. */
  async play(block: number): Promise<void> {
    const commands = this.#example.transcripts[block];
    if (commands === undefined) throw new Error(`"${this.#example.title}" has no block ${block}`);
    const printed = await this.#typed(commands);
    const expected = commands.map(({ text, output }) => ({
      text,
      output: output.map((line) => plain(this.real(line))),
    }));
    const actual = expected.map(({ text, output }, index) => ({
      text,
      output: likeExpected(linesOf(printed[index] ?? ""), output),
    }));
    expect(actual).toEqual(expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer?.[Symbol.asyncDispose]();
    for (const server of this.#testServers) server.kill();
    for (const server of this.#ownServers) {
      server.kill("SIGKILL");
      await server.exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { testServers, ownServers, config, variables } = this.#commands;
    for (const { port, names } of testServers) {
      for (const [index, name] of names.entries()) {
        const app = createTestApp({ name });
        const server = startTestServer({ ...app, fetch: this.#watched(name, app.fetch) }, name, 0);
        this.#testServers.push(server);
        this.#ports.set(port + index, server.port);
      }
    }
    this.#writeFiles();
    for (const { port, file } of ownServers) this.#ports.set(port, await this.#startOwn(file));
    this.#writeFiles();
    if (config === undefined) return;

    const balancer = new Program(["--config", config, "--port", "0"], variables, this.folder);
    this.#balancer = balancer;
    const url = new URL(await listeningUrl(balancer));
    const backends = [...this.#ports.values()];
    for (const port of backends) await balancer.wrote(new RegExp(`http://localhost:${port} is up`));
    this.#ports.set(PAGE_PORT, Number(url.port));
    this.#writeFiles();
    writeFileSync(join(this.folder, "lb.pid"), `${balancer.pid}\n`);
  }

  /** Writes the files with the ports that are known so far. */
  #writeFiles(): void {
    for (const [name, text] of this.#files) writeFileSync(join(this.folder, name), this.real(text));
  }

  #watched(server: string, answer: ReturnType<typeof createTestApp>["fetch"]): typeof answer {
    return async (request) => {
      const { pathname } = new URL(request.url);
      const body = await request.clone().text();
      if (pathname !== "/health") this.seen.push({ server, method: request.method, path: pathname, body });
      return answer(request);
    };
  }

  /** Starts a server that is one of the files, and gives its port. */
  async #startOwn(file: string): Promise<number> {
    const server = Bun.spawn([process.execPath, "run", file, "0"], {
      cwd: this.folder,
      env: environmentWith({}),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#ownServers.push(server);
    let text = "";
    const listening = async (): Promise<number> => {
      for await (const chunk of server.stdout) {
        text += new TextDecoder().decode(chunk);
        const port = /listening on http:\/\/\S+?:(\d+)/.exec(text)?.[1];
        if (port !== undefined) return Number(port);
      }
      throw new Error(`${file} ended without listening: ${text}`);
    };
    return within(PATIENCE_MS, `${file} to listen`, listening());
  }

  /** Has a shell run the commands, and gives what each printed. */
  async #typed(commands: readonly Command[]): Promise<string[]> {
    const program = PROGRAM.map((word) => `'${word}'`).join(" ");
    const script = commands.map(({ text }) => `${this.#command(text)}\nprintf '${END}'\n`).join("");
    const shell = Bun.spawn(["sh", "-c", `exec 2>&1\nlb() { ${program} "$@"; }\n${script}`], {
      cwd: this.folder,
      // A proxy or a config of the user's own must not come between.
      env: environmentWith({ BUN: process.execPath, HOME: this.folder, no_proxy: "*" }),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    try {
      const text = await within(PATIENCE_MS, `what "${script}" prints`, new Response(shell.stdout).text());
      return text.split(END);
    } finally {
      shell.kill("SIGKILL");
    }
  }

  /** A command as it is here: the program under test, the runtime of the tests, and ports that were free. */
  #command(text: string): string {
    return this.real(text)
      .replaceAll("./lb status", `lb status --url ${this.url}/lb-status`)
      .replaceAll("./lb ", "lb ")
      .replaceAll("npx bun run", '"$BUN" run');
  }
}

/** A line without what differs in the widths of ports and numbers. */
function plain(line: string): string {
  return line.replace(/\s+/g, " ").trim();
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n").map(plain);
}

/** The lines, each as it was expected to be if that is what it is, where `…` is anything. */
function likeExpected(lines: readonly string[], expected: readonly string[]): string[] {
  return lines.map((line, index) => {
    const wanted = expected[index];
    if (wanted === undefined) return line;
    const parts = wanted.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(line) ? wanted : line;
  });
}
