import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "./answer.ts";
import { type Exchange, isLargeReply } from "./exchanges.ts";
import type { Placement } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { requestText, type Traffic } from "./traffic.ts";

/** The load: wrk with one thread, as many requests as the connections take. */

const SCRIPT = fileURLToPath(new URL("load.lua", import.meta.url));
/** Far above any latency of a proxy that works, so that one that stalls is an error and not a figure. */
const REQUEST_LIMIT_SECONDS = 10;
/** How much longer than asked wrk may take to connect and to end. */
const OVERTIME_SECONDS = 20;

/** What to load a server with. */
export interface Plan extends Traffic {
  readonly seconds: number;
  readonly place: Placement;
}

/** What wrk counted. */
export interface Load {
  readonly requests: number;
  readonly bytes: number;
  readonly durationUs: number;
  /** From sending a request to the end of its answer. Undefined of pipelined ones. */
  readonly latency: Latency | undefined;
}

/** How long answers took. */
export interface Latency {
  readonly p50Us: number;
  readonly p99Us: number;
}

interface Summary extends Latency {
  readonly requests: number;
  readonly bytes: number;
  readonly durationUs: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** A run whose figures must not be used. */
export class LoadError extends Error {}

/**
 * Loads a server for some seconds.
 *
 * @throws LoadError if anything but whole answers with a good status came.
 */
export async function load(processes: Processes, { port, tls }: Server, plan: Plan): Promise<Load> {
  const { exchange, connections, pipelined, seconds, place } = plan;
  const host = `127.0.0.1:${port}`;
  const requestPath = join(processes.directory, `request-${port}`);
  writeFileSync(requestPath, requestText(plan, host));
  const wrk = processes.start("wrk", {
    argv: place.forLoad([
      "wrk",
      "--threads=1",
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      `--timeout=${REQUEST_LIMIT_SECONDS}s`,
      `--script=${SCRIPT}`,
      `${tls === undefined ? "http" : "https"}://${host}${exchange.path}`,
      requestPath,
      String(pipelined),
    ]),
    ...(tls && { env: { OPENSSL_CONF: tls.clientConfigPath } }),
  });
  const late = setTimeout(() => void wrk.stop(), (seconds + OVERTIME_SECONDS) * 1000);
  const status = await wrk.ended;
  clearTimeout(late);
  const text = wrk.said();
  const line = /^SUMMARY (.*)$/m.exec(text)?.[1];
  if (status !== 0 || line === undefined) throw new LoadError(`wrk ended with ${status}: ${text}`);
  const summary = JSON.parse(line) as Summary;
  const errors = Object.entries(summary.errors).filter(([, count]) => count > 0);
  if (errors.length > 0) {
    const list = errors.map(([kind, count]) => `${kind} ${count}`).join(", ");
    throw new LoadError(`of ${summary.requests} requests, errors: ${list}`);
  }
  if (summary.requests === 0) throw new LoadError("no request was answered");
  if (summary.bytes < summary.requests * exchange.replyBytes) {
    throw new LoadError(`${summary.bytes} bytes are too few for ${summary.requests} replies`);
  }
  const { requests, bytes, durationUs, p50Us, p99Us } = summary;
  // wrk measures pipelined requests together, and then takes the time of so many for a stall that hid as many
  // samples as it makes up: its percentiles of them mean nothing.
  return { requests, bytes, durationUs, latency: pipelined > 1 ? undefined : { p50Us, p99Us } };
}

/**
 * How many replies the proxy has passed on. Small ones are counted whole. Of large ones many are under way
 * when wrk stops, which the proxy has worked for and wrk does not count, so there bytes are counted.
 */
export function repliesPassed({ requests, bytes }: Load, exchange: Exchange): number {
  return isLargeReply(exchange) ? bytes / exchange.replyBytes : requests;
}
