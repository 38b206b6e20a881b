import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { firstAnswer, freePort } from "./answer.ts";
import type { Backend } from "./backend.ts";
import type { Contender } from "./contenders/contender.ts";
import { SMALL_REPLY } from "./exchanges.ts";
import { APART } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** How long a start takes, as a client sees it. The file is in the page cache after the first start. */

/** How often it is started. */
export const STARTS = 10;

/**
 * Starts a proxy in front of the running backend, from spawning it to the first answer that came through
 * it, in milliseconds.
 */
export async function measureColdStart(
  processes: Processes,
  contender: Contender,
  backend: Backend,
): Promise<Spread> {
  const timesMs: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const port = await freePort();
    const directory = join(processes.directory, `start-${start}`);
    mkdirSync(directory);
    const { argv, env } = contender.command({ port, backendPort: backend.port, directory });
    const command = { argv: APART.forProxy(argv), ...(env && { env }) };
    const startMs = performance.now();
    const proxy = processes.start(contender.name, command);
    try {
      await firstAnswer(proxy, { port }, SMALL_REPLY.path);
      timesMs.push(performance.now() - startMs);
    } finally {
      await proxy.stop();
    }
  }
  return spreadOf(timesMs);
}
