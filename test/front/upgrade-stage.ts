import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { type FrontListenOptions, serve } from "../../src/front/front.ts";
import { createLoadBalancer, type LoadBalancer } from "../../src/load-balancer.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { RawBackend, type Script } from "../raw/backend.ts";
import { dial, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";

/** The fields with which a client offers to switch to a protocol. */
export function offering(protocol: string): string[] {
  return ["Connection: Upgrade", `Upgrade: ${protocol}`];
}

/** An offer to switch to a protocol that nobody knows, so that nobody can meddle in it. */
export const OFFER = request("GET", "/tunnel", offering("tcp"));

/** The answer that takes it. */
export const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/** Takes the offer, and leaves the connection to the test. */
export const switching: Script = async ({ wire }) => {
  wire.send(SWITCHED);
  await wire.closed;
};

/** Takes the offer, and sends back all that comes; ends when the other side does. Answers all else with 200. */
export const echoing: Script = async ({ head, wire }) => {
  if (head.field("upgrade") === undefined) {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  wire.send(SWITCHED);
  wire.socket.pipe(wire.socket);
  await wire.closed;
};

/** What is not the backends', which are the stage's own. */
export interface StageOptions {
  readonly config?: Omit<LoadBalancerConfig, "backends">;
  readonly listen?: FrontListenOptions;
}

/** The front in this process, before raw backends; both ends can be half-closed. */
export class UpgradeStage implements AsyncDisposable {
  readonly backends: readonly RawBackend[];
  readonly balancer: LoadBalancer;
  readonly url: string;
  readonly close: (graceMs: number) => Promise<void>;

  private constructor(
    backends: readonly RawBackend[],
    balancer: LoadBalancer,
    url: string,
    close: (graceMs: number) => Promise<void>,
  ) {
    this.backends = backends;
    this.balancer = balancer;
    this.url = url;
    this.close = close;
  }

  /** Starts a backend for each script, and the front before them. */
  static async start(scripts: readonly Script[], options: StageOptions = {}): Promise<UpgradeStage> {
    const backends = await Promise.all(scripts.map((script) => RawBackend.listen(script, 0, true)));
    const config = {
      backends: backends.map(({ url }) => url),
      healthCheck: false,
      ...options.config,
    } as const;
    const balancer = createLoadBalancer(config, { transport: http1Transport() });
    const listener = await serve(balancer, { port: 0, hostname: "127.0.0.1", ...options.listen });
    return new UpgradeStage(backends, balancer, listener.url, (graceMs) => listener.close(graceMs));
  }

  /** The only backend. */
  get backend(): RawBackend {
    return this.backends[0] as RawBackend;
  }

  /** Waits until so many exchanges are under way. */
  inFlight(count: number): Promise<void> {
    return until(`${count} exchanges are under way`, () => this.balancer.status().inFlight === count);
  }

  /** Waits until the only backend is out. */
  down(): Promise<void> {
    return until("the backend is out", () => this.balancer.status().backends[0]?.alive === false);
  }

  /** Waits until nobody is let in any more. */
  refusing(): Promise<void> {
    return until("new connections are refused", () =>
      dial(this.url).then(
        (wire) => {
          wire.destroy();
          return false;
        },
        () => true,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0);
    for (const backend of this.backends) await backend.close();
  }
}
