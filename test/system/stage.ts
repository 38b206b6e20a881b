import { until } from "../raw/within.ts";
import { Program } from "./program.ts";

/** Test servers and a balancer before them, each a process of its own. */
export class Stage implements AsyncDisposable {
  readonly servers: readonly Program[];
  readonly origins: readonly string[];
  readonly balancer: Program;
  /** Where the balancer listens. */
  readonly url: string;

  private constructor(
    servers: readonly Program[],
    origins: readonly string[],
    balancer: Program,
    url: string,
  ) {
    this.servers = servers;
    this.origins = origins;
    this.balancer = balancer;
    this.url = url;
  }

  /** Starts them, `Server-1` and so on, and waits until every server was found to be up. */
  static async start(count: number, ...flags: readonly string[]): Promise<Stage> {
    const servers = Array.from(
      { length: count },
      (_, index) => new Program(["test-server", "--port", "0", "--name", `Server-${index + 1}`]),
    );
    const origins = await Promise.all(servers.map(listeningUrl));
    const balancer = new Program(["--port", "0", "--backends", origins.join(","), ...flags]);
    const url = await listeningUrl(balancer);
    for (const origin of origins) await balancer.wrote(new RegExp(`${origin} is up`));
    return new Stage(servers, origins, balancer, url);
  }

  /** Waits until the balancer has so many exchanges under way. */
  inFlight(count: number): Promise<void> {
    return until(`${count} requests are under way`, async () => {
      const status = (await (await fetch(`${this.url}/lb-status`)).json()) as { inFlight: number };
      return status.inFlight === count;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of [this.balancer, ...this.servers]) await program[Symbol.asyncDispose]();
  }
}

/** Waits until the program says where it listens. */
export async function listeningUrl(program: Program): Promise<string> {
  const [, url = ""] = await program.wrote(/listening on (https?:\/\/\S+?)"?[,\s]/);
  return url;
}
