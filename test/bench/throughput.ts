import { busyMicros, cpuMicros, peakMemoryBytes } from "./accounting.ts";
import type { Contender } from "./contenders/contender.ts";
import { LoadError, load, type Plan, repliesPassed } from "./load.ts";
import type { Placement } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { type StartedProxy, startProxy } from "./started-proxy.ts";
import type { Tls } from "./tls.ts";
import type { Traffic } from "./traffic.ts";

/**
 * What a request costs in each proxy, under the same load.
 *
 * Machines are noisy, so the proxies take turns, a short run each, round after round; a disturbance then
 * hits neighbours alike. Each proxy has fresh processes for each case, so that its peak of memory is that
 * case's own.
 */

/** One proxy's run in one round. */
export interface Sample {
  /** User and system time of all its processes for each reply passed on, in microseconds. */
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  /** Undefined of pipelined requests. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
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
  /** Undefined if it did not come up as it should. */
  readonly started: StartedProxy | undefined;
  readonly samples: (Sample | undefined)[];
  readonly failures: string[];
}

/** After a run the proxy still clears up what wrk cut off: that must not be the next one's time. */
const SETTLE_MS = 200;

/**
 * Measures the proxies under one kind of traffic, and ends them.
 *
 * @param tls What they speak TLS with, if the clients do.
 */
export async function measureCase(
  processes: Processes,
  contenders: readonly Contender[],
  traffic: Traffic,
  { rounds, seconds, warmUpSeconds }: Pace,
  place: Placement,
  tls?: Tls,
): Promise<Result[]> {
  const plan: Plan = { ...traffic, seconds, place };
  const entries: Entry[] = [];
  try {
    for (const contender of contenders) {
      const failures: string[] = [];
      const started = await attempt(failures, "start", () =>
        startProxy(processes, contender, traffic, place, tls),
      );
      entries.push({ name: contender.name, started, samples: [], failures });
      if (started === undefined) continue;
      const warmUp = { ...plan, seconds: warmUpSeconds };
      await attempt(failures, "warm-up", () => load(processes, started.server, warmUp));
    }
    for (let round = 1; round <= rounds; round++) {
      for (const { started, samples, failures } of entries) {
        if (started === undefined) continue;
        await Bun.sleep(SETTLE_MS);
        const turn = () => measureOnce(processes, started, plan);
        samples.push(await attempt(failures, `round ${round}`, turn));
      }
    }
    return entries.map(({ name, started, samples, failures }) => ({
      name,
      samples,
      failures,
      peakMemoryBytes: started === undefined ? 0 : peakMemoryBytes(started.proxy.pid),
    }));
  } finally {
    await Promise.all(entries.map(({ started }) => started?.stop()));
  }
}

async function measureOnce(
  processes: Processes,
  { server, proxy }: StartedProxy,
  plan: Plan,
): Promise<Sample> {
  const before = { proxy: cpuMicros(proxy.pid), ours: cpuMicros(process.pid), busy: busyMicros() };
  const result = await load(processes, server, plan);
  const cpu = cpuMicros(proxy.pid) - before.proxy;
  const ours = cpuMicros(process.pid) - before.ours;
  const busy = busyMicros() - before.busy;
  if (proxy.hasEnded()) throw new LoadError(`it ended and said:\n${proxy.said()}`);
  const replies = repliesPassed(result, plan.exchange);
  return {
    cpuMicrosPerRequest: cpu / replies,
    requestsPerSecond: (replies * 1_000_000) / result.durationUs,
    p50Ms: milliseconds(result.latency?.p50Us),
    p99Ms: milliseconds(result.latency?.p99Us),
    coreShare: cpu / result.durationUs,
    foreignCores: Math.max(0, busy - ours) / result.durationUs,
  };
}

function milliseconds(micros: number | undefined): number | undefined {
  return micros === undefined ? undefined : micros / 1000;
}

/** A run that fails has no figures, is reported at the end, and lets the others go on. */
async function attempt<T>(failures: string[], what: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    failures.push(`${what}: ${error.message}`);
    return undefined;
  }
}
