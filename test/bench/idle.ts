import { fileURLToPath } from "node:url";
import { memoryBytes, openFiles } from "./accounting.ts";
import type { Contender } from "./contenders/contender.ts";
import { SMALL_REPLY } from "./exchanges.ts";
import { LoadError, load, type Plan } from "./load.ts";
import { APART } from "./machine.ts";
import type { Processes, Running } from "./processes.ts";
import { type StartedProxy, startProxy } from "./started-proxy.ts";
import { keepAlive } from "./traffic.ts";

/** What memory clients cost that are connected and say nothing, as browsers and phones do most of the time. */

/** How many there are. */
export const IDLE_CLIENTS = 10_000;

/** What was measured of one proxy. */
export interface IdleResult {
  readonly name: string;
  /** Resident, after some load and without clients. Undefined if it failed. */
  readonly beforeBytes: number | undefined;
  /** Resident, with all of them connected. Undefined if it failed. */
  readonly afterBytes: number | undefined;
  readonly failures: readonly string[];
}

const PROGRAM = fileURLToPath(new URL("idle-clients.ts", import.meta.url));
/** Enough load for a proxy to have compiled and cached what it will: that is not the clients' memory. */
const WARM_UP: Plan = { ...keepAlive(SMALL_REPLY, 64), seconds: 1, place: APART };
const CONNECT_LIMIT_MS = 60_000;
/** Long enough for a garbage collector to give back what load alone needed. */
const SETTLE_MS = 1_500;

/** Measures the proxies one after the other. */
export async function measureIdle(
  processes: Processes,
  contenders: readonly Contender[],
): Promise<IdleResult[]> {
  const results: IdleResult[] = [];
  for (const contender of contenders) {
    let started: StartedProxy | undefined;
    try {
      started = await startProxy(processes, contender, WARM_UP, APART);
      results.push({ name: contender.name, ...(await measure(processes, started)), failures: [] });
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      const nothing = { beforeBytes: undefined, afterBytes: undefined };
      results.push({ name: contender.name, ...nothing, failures: [error.message] });
    } finally {
      await started?.stop();
    }
  }
  return results;
}

async function measure(processes: Processes, { server, proxy }: StartedProxy) {
  await load(processes, server, WARM_UP);
  await Bun.sleep(SETTLE_MS);
  const beforeBytes = memoryBytes(proxy.pid);
  const { path, replyBytes } = SMALL_REPLY;
  const question = [server.port, IDLE_CLIENTS, path, replyBytes].map(String);
  const clients = processes.start("idle-clients", {
    argv: APART.forLoad([process.execPath, "run", PROGRAM, ...question]),
  });
  try {
    await untilReady(clients);
    await Bun.sleep(SETTLE_MS);
    const afterBytes = memoryBytes(proxy.pid);
    if (openFiles(proxy.pid) < IDLE_CLIENTS) throw new LoadError("it has closed connections");
    if (clients.hasEnded()) throw new LoadError(clients.said());
    if (proxy.hasEnded()) throw new LoadError(`it ended and said:\n${proxy.said()}`);
    return { beforeBytes, afterBytes };
  } finally {
    await clients.stop();
  }
}

async function untilReady(clients: Running): Promise<void> {
  const untilMs = performance.now() + CONNECT_LIMIT_MS;
  while (!clients.said().includes(`READY ${IDLE_CLIENTS}`)) {
    if (clients.hasEnded()) throw new LoadError(clients.said());
    if (performance.now() > untilMs) throw new LoadError(`not all connected in ${CONNECT_LIMIT_MS} ms`);
    await Bun.sleep(20);
  }
}
