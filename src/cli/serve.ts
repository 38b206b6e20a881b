import type { Listener } from "../adapters/adapter.ts";
import type { BackendSpec } from "../core/backend.ts";
import { createLoadBalancer, type LoadBalancer, type LoadBalancerDeps } from "../load-balancer.ts";
import { TRANSPORTS } from "../transport/index.ts";
import type { Command } from "./command.ts";
import { liftFetchLimit } from "./fetch-limit.ts";
import { listen } from "./listening.ts";
import { createLog, type Log, outliveReader } from "./log.ts";
import { SERVE_FLAGS, timeText } from "./serve-flags.ts";
import { type ServeSettings, serveSettings } from "./serve-settings.ts";
import { type EndSignal, endSignal } from "./shutdown.ts";

/** `lb serve`: the balancer, until a signal ends it. */
export const serveCommand: Command = {
  name: "serve",
  summary: "spread HTTP requests over backends",
  flags: SERVE_FLAGS,
  hasVariables: true,
  examples: [
    ["lb --backends http://localhost:8081,http://localhost:8082", "two backends, on port 8080"],
    ["lb --backends 'http://a:80;weight=3,http://b:80' --port 80", "three of four requests to a"],
    ["LB_PORT=9000 lb --backends http://localhost:8081", "a flag from the environment"],
  ],
  async run(given) {
    const settings = serveSettings(given);
    const log = createLog(settings.logFormat, settings.logLevel, process.stdout);
    outliveReader(process.stdout);
    liftFetchLimit((reason) => log.warn(`at most 256 requests at once: ${reason}`));
    const balancer = createLoadBalancer(settings.config, {
      transport: TRANSPORTS[settings.transport](),
      ...loggedTo(log),
    });
    const { port, host } = settings;
    const listener = await listen(balancer.fetch, host === undefined ? { port } : { port, hostname: host }, {
      port: given.place("port"),
      host: given.place("host"),
    });
    const ended = endSignal();
    announce(listener, settings, log);
    balancer.start();
    await drain(await ended, balancer, listener, settings.shutdownTimeoutMs, log);
    return 0;
  },
};

/** Tells the log of what happens to the backends. */
function loggedTo(log: Log): LoadBalancerDeps {
  return {
    onStateChange({ backend, available, byTraffic, reason }) {
      const fields = { backend: backend.origin, available, byTraffic, reason };
      if (available) log.success(`${backend.origin} is up: ${reason}`, fields);
      else log.warn(`${backend.origin} is down: ${reason}`, fields);
    },
    onTryFailed({ backend, method, url, reason }) {
      log.debug(`${method} ${url} failed at ${backend}: ${reason}`, { backend, method, url, reason });
    },
  };
}

function announce(listener: Listener, settings: ServeSettings, log: Log): void {
  const { algorithm, healthCheck, backends } = settings.resolved;
  log.info(`listening on ${listener.url}`, { url: listener.url, port: listener.port });
  const checks =
    healthCheck === false
      ? "no health checks"
      : `GET ${healthCheck.path} every ${timeText(healthCheck.intervalMs)}`;
  const many = backends.length === 1 ? "1 backend" : `${backends.length} backends`;
  log.info(`${algorithm} over ${many}, ${checks}:`, { algorithm, backends: backends.length });
  for (const backend of backends) log.info(`  ${backendText(backend)}`, { ...backend });
}

function backendText({ origin, weight, tier }: BackendSpec): string {
  return `${origin}${weight === 1 ? "" : `, weight ${weight}`}${tier === 0 ? "" : `, tier ${tier}`}`;
}

/** How much longer than the balancer the listener waits, in milliseconds, so that what is cut can be counted first. */
const COUNTING_MS = 500;

/** Ends the balancer without losing a request, as far as the requests end in time. */
async function drain(
  signal: EndSignal,
  balancer: LoadBalancer,
  listener: Listener,
  graceMs: number,
  log: Log,
): Promise<void> {
  const { inFlight } = balancer.status();
  const most = timeText(graceMs);
  log.info(`${signal}: shutting down, ${requests(inFlight)} under way, waiting at most ${most}`, {
    signal,
    inFlight,
  });
  const stopped = balancer.drain(graceMs);
  const closed = listener.close(graceMs + COUNTING_MS);
  await stopped;
  const cut = balancer.status().inFlight;
  if (cut > 0) log.warn(`cut ${requests(cut)} that took longer than ${most}`, { cut });
  await closed;
  log.info("stopped");
}

function requests(count: number): string {
  return count === 1 ? "1 request" : `${count} requests`;
}
