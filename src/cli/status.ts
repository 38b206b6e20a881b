import { DEFAULT_PORT } from "../adapters/adapter.ts";
import { DEFAULTS } from "../config/config.ts";
import { ConfigError } from "../config/problem.ts";
import type { BackendStatus } from "../core/backend-status.ts";
import { Outcome } from "../core/outcome.ts";
import type { LoadBalancerStatus } from "../load-balancer.ts";
import { systemClock } from "../system.ts";
import { fetchFailure } from "../transport/failure.ts";
import { aligned } from "./aligned.ts";
import { type Paint, paintFor } from "./colours.ts";
import type { Command } from "./command.ts";
import type { Flags } from "./flags.ts";
import { certificateFile } from "./pem.ts";

const DEFAULT_URL = `http://localhost:${DEFAULT_PORT}${DEFAULTS.statusPath}`;

/** The longest wait for the balancer's answer, in milliseconds. */
const TIMEOUT_MS = 5_000;

const FLAGS = {
  url: {
    type: "string",
    valueHint: "URL",
    description: "where the balancer answers with its status",
    default: DEFAULT_URL,
  },
  ca: {
    type: "string",
    valueHint: "FILE",
    description: "who vouches for its certificate, as PEM (default those that the system believes)",
  },
  json: { type: "boolean", description: "print the answer as it is" },
} as const satisfies Flags;

/** `lb status`: how the backends of a running balancer are doing. */
export const statusCommand: Command = {
  name: "status",
  summary: "show how the backends of a running lb are doing",
  flags: FLAGS,
  examples: [
    ["lb status", "the balancer on this machine's port 8080"],
    ["lb status --url http://lb.internal/lb-status --json", "another one, for a script"],
    ["lb status --url https://localhost:8443/lb-status --ca ca.pem", "one that speaks TLS"],
  ],
  async run(given) {
    const url = given.text("url") ?? DEFAULT_URL;
    if (!URL.canParse(url) || !/^https?:/i.test(url)) {
      throw new ConfigError(`--url: found "${url}", expected a URL such as ${DEFAULT_URL}`);
    }
    const caFile = given.text("ca");
    const ca = caFile === undefined ? undefined : certificateFile(caFile, "--ca").text;
    const text = await fetchStatus(url, ca);
    const status = parseStatus(url, text);
    process.stdout.write(given.isOn("json") ? text : statusTable(status, paintFor(process.stdout)));
    return 0;
  },
};

async function fetchStatus(url: string, ca: string | undefined): Promise<string> {
  // The environment's proxy is for the outside; a balancer is asked directly.
  const late = new AbortController();
  const init: BunFetchRequestInit & { proxy: false } = {
    proxy: false,
    signal: late.signal,
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
  const cancel = systemClock.after(TIMEOUT_MS, () => late.abort());
  try {
    return await (await fetch(url, init as RequestInit)).text();
  } catch (error) {
    if (late.signal.aborted) throw nobodyAt(`no answer within ${TIMEOUT_MS / 1000} s from ${url}`);
    const { outcome, message } = fetchFailure(error);
    // Of the other ways to fail none says more than that no lb is there.
    const isDistrusted = outcome === Outcome.connectFailed && message.includes("certificate");
    throw nobodyAt(`cannot connect to ${url}${isDistrusted ? ` (${message})` : ""}`);
  } finally {
    cancel();
  }
}

function nobodyAt(found: string): ConfigError {
  return new ConfigError(`--url: ${found}, expected a running lb`);
}

function parseStatus(url: string, text: string): LoadBalancerStatus {
  try {
    const status = JSON.parse(text) as Partial<LoadBalancerStatus> | null;
    if (Array.isArray(status?.backends)) return status as LoadBalancerStatus;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ConfigError(`--url: ${url} answered something else, expected the status of lb`);
}

const HEADINGS = ["backend", "state", "weight", "tier", "in flight", "requests", "failures", "latency"];

/** The status as a table, one line a backend. */
export function statusTable(status: LoadBalancerStatus, paint: Paint): string {
  const [headings = [], ...rows] = aligned([HEADINGS, ...status.backends.map(cellsOf)], 2);
  const lines = [paint("gray", headings.join("  "))];
  for (const [index, row] of rows.entries()) {
    const [name, state, ...numbers] = row as [string, string, ...string[]];
    const isAlive = status.backends[index]?.alive === true;
    lines.push([name, paint(isAlive ? "green" : "red", state), ...numbers].join("  "));
  }
  if (status.waiting > 0) lines.push(paint("yellow", `${status.waiting} waiting for a backend with room`));
  if (status.draining) lines.push(paint("yellow", "shutting down"));
  return `${lines.join("\n")}\n`;
}

function cellsOf(backend: BackendStatus): string[] {
  const { url, alive, weight, tier, inFlight, limit, requests, failures, latencyMs } = backend;
  const underWay = limit === undefined ? inFlight : `${inFlight} of ${limit}`;
  const numbers = [weight, tier, underWay, requests, failures].map(String);
  const latency = latencyMs === null ? "-" : `${latencyMs.toFixed(1)} ms`;
  return [url, `${alive ? "●" : "○"} ${backend.state}`, ...numbers, latency];
}
