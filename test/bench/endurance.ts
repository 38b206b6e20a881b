import { memoryBytes } from "./accounting.ts";
import type { Contender } from "./contenders/contender.ts";
import { SMALL_REPLY } from "./exchanges.ts";
import { LoadError, load, type Plan } from "./load.ts";
import { APART } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { type StartedProxy, startProxy } from "./started-proxy.ts";
import { median } from "./statistics.ts";
import { keepAlive } from "./traffic.ts";

/** Whether memory stays where it is after very many requests: a leak of some bytes a request shows here. */

/** When memory is read, in requests. */
export const EARLY_REQUESTS = 200_000;
/** The same, at the end. */
export const LATE_REQUESTS = 2_000_000;

/** What was measured of one proxy. */
export interface EnduranceResult {
  readonly name: string;
  /** Resident after the early count of requests. Undefined if it failed. */
  readonly earlyBytes: number | undefined;
  /** Resident after the late one. Undefined if it failed. */
  readonly lateBytes: number | undefined;
  readonly failures: readonly string[];
}

const TRAFFIC = keepAlive(SMALL_REPLY, 64);
const PLAN: Plan = { ...TRAFFIC, seconds: 4, place: APART };
/** A proxy that is slower than some 5,000 requests a second is not waited for. */
const LIMIT_MS = 420_000;
/** A garbage collector's tide goes in and out: one reading would catch it anywhere. */
const READINGS = 9;
const READING_EVERY_MS = 200;

/** Measures the proxies one after the other. */
export async function measureEndurance(
  processes: Processes,
  contenders: readonly Contender[],
): Promise<EnduranceResult[]> {
  const results: EnduranceResult[] = [];
  for (const contender of contenders) {
    let started: StartedProxy | undefined;
    try {
      started = await startProxy(processes, contender, TRAFFIC, APART);
      const untilMs = performance.now() + LIMIT_MS;
      const early = await loadUntil(processes, started, 0, EARLY_REQUESTS, untilMs);
      const late = await loadUntil(processes, started, early.requests, LATE_REQUESTS, untilMs);
      const bytes = { earlyBytes: early.bytes, lateBytes: late.bytes };
      results.push({ name: contender.name, ...bytes, failures: [] });
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      const nothing = { earlyBytes: undefined, lateBytes: undefined };
      results.push({ name: contender.name, ...nothing, failures: [error.message] });
    } finally {
      await started?.stop();
    }
  }
  return results;
}

/** Loads until so many requests are answered in all, and reads the memory. */
async function loadUntil(
  processes: Processes,
  { server, proxy }: StartedProxy,
  answered: number,
  wanted: number,
  untilMs: number,
): Promise<{ requests: number; bytes: number }> {
  let requests = answered;
  while (requests < wanted) {
    if (performance.now() > untilMs)
      throw new LoadError(`${requests} requests in ${LIMIT_MS} ms are too few`);
    requests += (await load(processes, server, PLAN)).requests;
    if (proxy.hasEnded()) throw new LoadError(`it ended and said:\n${proxy.said()}`);
  }
  const readings: number[] = [];
  for (let reading = 0; reading < READINGS; reading++) {
    await Bun.sleep(READING_EVERY_MS);
    readings.push(memoryBytes(proxy.pid));
  }
  return { requests, bytes: median(readings) };
}
