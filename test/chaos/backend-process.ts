import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { within } from "../raw/within.ts";

/** How a backend answers. */
export interface Behaviour {
  /** How long it takes to, in milliseconds. */
  readonly delayMs: number;
  /** 200, or what it says to everybody instead of doing anything. */
  readonly status: number;
}

const PROGRAM = join(import.meta.dir, "backend-program.ts");

/** The longest that anything may take that is no trouble, in milliseconds. */
const PATIENCE_MS = 15_000;

/** Backends that run: none must outlive this process, least of all one that is stopped and would never know. */
const RUNNING = new Set<Bun.Subprocess>();

process.on("exit", () => {
  for (const child of RUNNING) child.kill("SIGKILL");
});

/** One backend: always on the same port, in one process after another. */
export class BackendProcess implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly #journalPath: string;
  #process: Bun.Subprocess | undefined;
  #done: () => void = () => {};

  constructor(name: string, port: number, directory: string) {
    this.name = name;
    this.port = port;
    this.#journalPath = join(directory, `${name}.journal`);
    writeFileSync(this.#journalPath, "");
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has written down, line by line, over all its processes. */
  get journal(): readonly string[] {
    return readFileSync(this.#journalPath, "utf8").split("\n").slice(0, -1);
  }

  /** Starts it, and waits until it listens. */
  async start(): Promise<void> {
    const listens = this.#nextDone("listens");
    const child = Bun.spawn([process.execPath, PROGRAM, String(this.port), this.name, this.#journalPath], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      ipc: () => this.#done(),
    });
    this.#process = child;
    RUNNING.add(child);
    void child.exited.then(() => RUNNING.delete(child));
    await listens;
  }

  /** Makes it behave so from now on. */
  async behave(behaviour: Behaviour): Promise<void> {
    const done = this.#nextDone("behaves as it was told");
    this.#process?.send(behaviour);
    await done;
  }

  /** Stops it (SIGSTOP): its connections stay, and the kernel goes on accepting, also what it is sent. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets it go on (SIGCONT). */
  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Ends it at once (SIGKILL), also if it is stopped. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #nextDone(what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#done = resolve;
    return within(PATIENCE_MS, `${this.name}, which ${what}`, promise);
  }
}

/**
 * Ports that nobody listens on, below those that the system gives to connections: a port whose backend is down could
 * else become the near end of a connection, even of one to itself, and the backend could not come back.
 */
export function freePorts(count: number): number[] {
  const ports: number[] = [];
  for (let port = 20_000 + (process.pid % 5_000) * 2; ports.length < count; port++) {
    if (port > 32_000) throw new Error("no free port");
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      ports.push(port);
    } catch {
      // Somebody listens there: the next one will do.
    }
  }
  return ports;
}
