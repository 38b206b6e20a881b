import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../raw/within.ts";
import { Program } from "../system/program.ts";
import { listeningUrl } from "../system/stage.ts";
import { BackendProcess, freePorts } from "./backend-process.ts";
import { ChaosClient, type Ending } from "./chaos-client.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import { type Question, questionOf } from "./question.ts";
import { KINDS, type Kind, Unrest } from "./unrest.ts";
import { Verdict } from "./verdict.ts";

/** A run. */
export interface Chaos {
  readonly seed: number;
  readonly seconds: number;
  /** Clients, each with one connection. */
  readonly connections: number;
  /** The balancer's flags. */
  readonly flags: readonly string[];
}

/** What came of it. */
export interface Outcome {
  /** Whatever must not happen. Empty if all is well. */
  readonly violations: readonly string[];
  /** Requests by method and fate, such as "GET answered". */
  readonly fates: ReadonlyMap<string, number>;
  /** Why those failed that must not have, and how many. */
  readonly failures: ReadonlyMap<string, number>;
  readonly troubles: Readonly<Record<Kind, number>>;
  readonly failedTries: number;
  /** Connections that clients made: each one, and another where the balancer said that it closes one. */
  readonly connections: number;
  /** The longest time to an answer, in milliseconds. */
  readonly longestMs: number;
  /** Before the first request, in the middle, and when all is over. */
  readonly footprints: readonly Footprint[];
}

/**
 * The flags with which no GET fails: as many tries as backends, for whatever a backend in trouble does, and a second
 * for each; and checks that find out within about a second.
 */
export const STEADY_FLAGS: readonly string[] = [
  ...["--retries", "4", "--retry-on", "connect,reset,timeout,500,502,503,504", "--try-timeout", "1s"],
  ...["--health-check-interval", "500ms", "--health-timeout", "500ms"],
];

const BACKENDS = 5;

/** How much a balancer may grow from the middle of a run to its end, in MiB for each process. */
const GROWTH_MIB = 32;

/** Descriptors that may stay: kept connections of the checks. */
const LEFT_DESCRIPTORS = 2 * BACKENDS;

/** Runs it. Whatever was started is ended when it is over, however it ends. */
export async function chaos(run: Chaos): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), "lb-chaos-"));
  try {
    await using stack = new AsyncDisposableStack();
    const backends = freePorts(BACKENDS).map((port, index) =>
      stack.use(new BackendProcess(`backend-${index + 1}`, port, directory)),
    );
    await Promise.all(backends.map((backend) => backend.start()));
    const origins = backends.map(({ origin }) => origin);
    const words = ["--port", "0", "--host", "127.0.0.1", "--backends", origins.join(",")];
    const balancer = stack.use(new Program([...words, "--log-level", "debug", ...run.flags]));
    const url = await listeningUrl(balancer);
    for (const origin of origins) await balancer.wrote(new RegExp(`${origin} is up`));
    return await new Run(run, backends, balancer, url).toEnd();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class Run {
  readonly #run: Chaos;
  readonly #backends: readonly BackendProcess[];
  readonly #balancer: Program;
  readonly #url: string;
  readonly #unrest: Unrest;
  readonly #endings: Ending[] = [];
  readonly #wrong: string[] = [];
  readonly #footprints: Footprint[] = [];
  #asked = 0;

  constructor(run: Chaos, backends: readonly BackendProcess[], balancer: Program, url: string) {
    this.#run = run;
    this.#backends = backends;
    this.#balancer = balancer;
    this.#url = url;
    this.#unrest = new Unrest(backends, run.seed);
  }

  async toEnd(): Promise<Outcome> {
    const { connections, seconds, seed } = this.#run;
    this.#measure();
    const endsMs = performance.now() + seconds * 1_000;
    const clients = Array.from(
      { length: connections },
      (_, index) =>
        new ChaosClient(
          Number(new URL(this.#url).port),
          seed + index,
          (ending) => this.#endings.push(ending),
          (what) => this.#wrong.push(what),
        ),
    );
    const middle = setTimeout(() => this.#measure(), seconds * 500);
    let isCalm = false;
    const unrest = this.#unrest.run(endsMs).finally(() => {
      isCalm = true;
    });
    const next = (): Question | undefined => (isCalm ? undefined : questionOf(this.#asked++));
    await Promise.all([unrest, ...clients.map((client) => client.run(next))]);
    clearTimeout(middle);
    await this.#allIsWell();
    // All connections can still be used: what asks now meets no trouble, and may not fail.
    await Promise.all(clients.map((client) => client.ask(questionOf(this.#asked++))));
    for (const client of clients) client.leave();
    await this.#isQuiet();
    this.#balancer.signal("SIGTERM");
    this.#expect(await this.#balancer.exitCode, 0, "exit code");
    return this.#outcome(clients);
  }

  #measure(): Footprint {
    const footprint = footprintOf(this.#balancer.pid);
    this.#footprints.push(footprint);
    return footprint;
  }

  /** Waits until the balancer knows that all backends are up. */
  async #allIsWell(): Promise<void> {
    await this.#until("all backends are up, and nothing is under way", async () => {
      const { inFlight, backends } = await this.#status();
      return inFlight === 0 && backends.every((backend) => backend.alive && backend.inFlight === 0);
    });
  }

  /** Waits until nothing is left of all that was. */
  async #isQuiet(): Promise<void> {
    const [before, middle] = this.#footprints as [Footprint, Footprint];
    const most = before.descriptors + LEFT_DESCRIPTORS;
    await this.#until(`${most} descriptors at most are open`, () => {
      return footprintOf(this.#balancer.pid).descriptors <= most;
    });
    const { inFlight } = await this.#status();
    this.#expect(inFlight, 0, "requests under way");
    const grownMib = this.#measure().memoryMib - middle.memoryMib;
    if (grownMib > GROWTH_MIB) this.#wrong.push(`memory has grown by ${grownMib} MiB`);
  }

  async #status(): Promise<Status> {
    return (await (await fetch(`${this.#url}/lb-status`, { keepalive: false })).json()) as Status;
  }

  async #until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await until(what, condition);
    } catch (error) {
      const status = JSON.stringify(await this.#status());
      this.#wrong.push(`${(error as Error).message}: ${status}, ${JSON.stringify(this.#measure())}`);
    }
  }

  #expect(found: number, wanted: number, what: string): void {
    if (found !== wanted) this.#wrong.push(`${what}: ${found} instead of ${wanted}`);
  }

  #outcome(clients: readonly ChaosClient[]): Outcome {
    const { troubles } = this.#unrest;
    const { stdout, stderr } = this.#balancer;
    const verdict = new Verdict(this.#backends, troubles, stdout);
    for (const ending of this.#endings) verdict.judge(ending);
    const counts = KINDS.map((kind) => [kind, troubles.filter((trouble) => trouble.kind === kind).length]);
    if (stderr !== "") this.#wrong.push(`on standard error: ${stderr}`);
    return {
      violations: [...this.#wrong, ...verdict.violations],
      fates: verdict.fates,
      failures: verdict.failures,
      troubles: Object.fromEntries(counts),
      failedTries: verdict.failedTries,
      connections: clients.reduce((sum, client) => sum + client.connections, 0),
      longestMs: this.#endings.reduce((most, { fromMs, untilMs }) => Math.max(most, untilMs - fromMs), 0),
      footprints: this.#footprints,
    };
  }
}

/** What is read of `/lb-status`. */
interface Status {
  readonly inFlight: number;
  readonly backends: readonly { readonly alive: boolean; readonly inFlight: number }[];
}
