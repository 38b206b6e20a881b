import { DEFAULT_PORT, type Listener } from "../../adapters/adapter.ts";
import { ConfigError } from "../../config/problem.ts";
import { DEFAULT_FRONT } from "../../config/process.ts";
import type { FrontService } from "../../front/front.ts";
import { createLoadBalancer, type LoadBalancer } from "../../load-balancer.ts";
import type { Command } from "../command.ts";
import { liftFetchLimit } from "../fetch-limit.ts";
import type { Flags } from "../flags.ts";
import type { Given } from "../given.ts";
import { listen } from "../listening.ts";
import { outliveReader } from "../log.ts";
import { DemoRun } from "./demo-run.ts";
import { startDemoServers } from "./servers.ts";

const SERVERS = 3;

/** Often, so that a revived server is seen to come back. */
const HEALTH_INTERVAL_MS = 1_000;

const FLAGS = {
  port: {
    type: "string",
    valueHint: "PORT",
    description: "the balancer's port; a free one if the default is taken",
    default: String(DEFAULT_PORT),
  },
  rps: {
    type: "string",
    valueHint: "N",
    description: "requests a second of the built-in clients; 0 for none",
    default: "20",
  },
  chaos: { type: "boolean", description: "kill and revive the servers in turn" },
  seconds: {
    type: "string",
    valueHint: "N",
    description: "end after so many seconds; 0 is never",
    default: "0",
  },
} as const satisfies Flags;

/** `lb demo`: a balancer, servers behind it and clients before it, to watch servers die without an error. */
export const demoCommand: Command = {
  name: "demo",
  summary: "watch lb spread traffic over three servers while you kill them",
  flags: FLAGS,
  examples: [
    ["lb demo", "kill servers with the keys 1, 2 and 3"],
    ["lb demo --chaos --rps 500", "servers die by themselves under load"],
  ],
  async run(given) {
    const port = given.wholeNumber("port", 0, 65535);
    const perSecond = given.wholeNumber("rps", 0, 5_000) ?? 20;
    const seconds = given.wholeNumber("seconds", 0, 1_000_000) ?? 0;
    const chaos = given.isOn("chaos");
    outliveReader(process.stdout);
    liftFetchLimit((reason) => process.stderr.write(`lb: at most 256 requests at once: ${reason}\n`));
    const servers = startDemoServers(SERVERS);
    let run: DemoRun | undefined;
    const balancer = createLoadBalancer(
      {
        backends: servers.map(({ url }) => url),
        healthCheck: { intervalMs: HEALTH_INTERVAL_MS, timeoutMs: HEALTH_INTERVAL_MS },
      },
      { onStateChange: (change) => run?.stateChanged(change) },
    );
    const listener = await listenForDemo(balancer, port, given);
    run = new DemoRun({ balancer, listener, servers, perSecond, chaos, seconds });
    await run.ended;
    await shutDown(balancer, listener);
    for (const server of servers) server.kill();
    return 0;
  },
};

/** Listens on the port asked for; if none was and the usual one is taken, on a free one. */
async function listenForDemo(
  service: FrontService,
  port: number | undefined,
  given: Given,
): Promise<Listener> {
  const places = { port: given.place("port"), host: "--host" };
  if (port !== undefined) return listen(DEFAULT_FRONT, service, { port }, places);
  try {
    return await listen(DEFAULT_FRONT, service, { port: DEFAULT_PORT }, places);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return listen(DEFAULT_FRONT, service, { port: 0 }, places);
  }
}

/** The clients have had all their answers: nothing is left to wait for. */
async function shutDown(balancer: LoadBalancer, listener: Listener): Promise<void> {
  await balancer.drain();
  await listener.close(0);
}
