import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { firstAnswer, freePort } from "./answer.ts";
import { REPLIES } from "./backend.ts";
import type { Contender } from "./contenders/contender.ts";
import { onProxyCore } from "./machine.ts";
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
  backendPort: number,
): Promise<Spread> {
  const timesMs: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const port = await freePort();
    const directory = join(processes.directory, `start-${start}`);
    mkdirSync(directory);
    const { argv, env } = contender.command({ port, backendPort, directory });
    const command = { argv: onProxyCore(argv), ...(env && { env }) };
    const startMs = performance.now();
    const proxy = processes.start(contender.name, command);
    try {
      await firstAnswer(proxy, port, REPLIES[0].path);
      timesMs.push(performance.now() - startMs);
    } finally {
      await proxy.stop();
    }
  }
  return spreadOf(timesMs);
}
