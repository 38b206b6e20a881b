import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { busyMicros, cpuMicros, peakMemoryBytes } from "./accounting.ts";
import { ask, firstAnswer, freePort } from "./answer.ts";
import { REPLIES, type Reply, SEEN_PATH } from "./backend.ts";
import type { Contender } from "./contenders/contender.ts";
import { LoadError, load, repliesPassed } from "./load.ts";
import { onProxyCore } from "./machine.ts";
import type { Processes, Running } from "./processes.ts";

/**
 * What a request costs in each proxy, under the same load.
 *
 * Machines are noisy, so the proxies take turns, a short run each, round after round; a disturbance then
 * hits neighbours alike. Each proxy has fresh processes for each case, so that its peak of memory is that
 * case's own.
 */

/** One kind of load. */
export interface Case {
  readonly reply: Reply;
  readonly connections: number;
}

/** Every case; the first is the one that the budget is about. */
export const CASES: readonly Case[] = REPLIES.flatMap((reply) =>
  [64, 1000].map((connections) => ({ reply, connections })),
);

/** One proxy's run in one round. */
export interface Sample {
  /** User and system time of all its processes for each reply passed on, in microseconds. */
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The part of its core that it used: far below 1, it was the load or the backend that set the pace. */
  readonly coreShare: number;
  /** Cores that were busy meanwhile with something else than this run: much above 0, the run was disturbed. */
  readonly foreignCores: number;
}

/** What was measured of one proxy in one case. */
export interface Result {
  readonly name: string;
  /** One for each round; undefined where the round failed. */
  readonly samples: readonly (Sample | undefined)[];
  readonly peakMemoryBytes: number;
  /** What went wrong, in words. */
  readonly failures: readonly string[];
}

/** How long and how often to load. */
export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

interface Entry {
  readonly name: string;
  readonly port: number;
  readonly proxy: Running;
  readonly samples: (Sample | undefined)[];
  readonly failures: string[];
}

/** After a run the proxy still clears up what wrk cut off: that must not be the next one's time. */
const SETTLE_MS = 200;

/** Measures the proxies in one case, and ends them. */
export async function measureCase(
  processes: Processes,
  contenders: readonly Contender[],
  backendPort: number,
  { reply, connections }: Case,
  { rounds, seconds, warmUpSeconds }: Pace,
): Promise<Result[]> {
  const entries: Entry[] = [];
  try {
    for (const contender of contenders) {
      const entry = await start(processes, contender, backendPort, reply);
      entries.push(entry);
      await attempt(entry, "warm-up", () => load(processes, entry.port, reply, connections, warmUpSeconds));
    }
    for (let round = 1; round <= rounds; round++) {
      for (const entry of entries) {
        await Bun.sleep(SETTLE_MS);
        const sample = await attempt(entry, `round ${round}`, () =>
          measureOnce(processes, entry, reply, connections, seconds),
        );
        entry.samples.push(sample);
      }
    }
    return entries.map(({ name, samples, failures, proxy }) => ({
      name,
      samples,
      failures,
      peakMemoryBytes: peakMemoryBytes(proxy.pid),
    }));
  } finally {
    await Promise.all(entries.map(({ proxy }) => proxy.stop()));
  }
}

/** Starts a proxy and makes sure that it does the work that its figures will stand for. */
async function start(
  processes: Processes,
  contender: Contender,
  backendPort: number,
  reply: Reply,
): Promise<Entry> {
  const port = await freePort();
  const directory = join(processes.directory, `${contender.name}-${port}`);
  mkdirSync(directory);
  const { argv, env } = contender.command({ port, backendPort, directory });
  const proxy = processes.start(contender.name, { argv: onProxyCore(argv), ...(env && { env }) });
  const entry = { name: contender.name, port, proxy, samples: [], failures: [] };
  const { body } = await firstAnswer(proxy, port, reply.path);
  if (body.length !== reply.bytes)
    throw new Error(`${contender.name} passed on ${body.length} bytes of ${reply.bytes}`);
  const seen = (await ask(port, SEEN_PATH)).body;
  const expected = contender.forwardsClient ? "127.0.0.1 HTTP/1.1" : " HTTP/1.1";
  if (seen !== expected) throw new Error(`of ${contender.name} the backend saw "${seen}", not "${expected}"`);
  return entry;
}

async function measureOnce(
  processes: Processes,
  { port, proxy }: Entry,
  reply: Reply,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const before = { proxy: cpuMicros(proxy.pid), ours: cpuMicros(process.pid), busy: busyMicros() };
  const result = await load(processes, port, reply, connections, seconds);
  const cpu = cpuMicros(proxy.pid) - before.proxy;
  const ours = cpuMicros(process.pid) - before.ours;
  const busy = busyMicros() - before.busy;
  if (proxy.hasEnded()) throw new LoadError(`it ended and said:\n${proxy.said()}`);
  const replies = repliesPassed(result, reply);
  return {
    cpuMicrosPerRequest: cpu / replies,
    requestsPerSecond: (replies * 1_000_000) / result.durationUs,
    p50Ms: result.p50Us / 1000,
    p99Ms: result.p99Us / 1000,
    coreShare: cpu / result.durationUs,
    foreignCores: Math.max(0, busy - ours) / result.durationUs,
  };
}

/** A run that fails has no figures, is reported at the end, and lets the others go on. */
async function attempt<T>(entry: Entry, what: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    entry.failures.push(`${what}: ${error.message}`);
    return undefined;
  }
}
