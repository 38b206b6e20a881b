import type { BackendSpec } from "../core/backend.ts";
import type { LoadBalancerDeps } from "../load-balancer.ts";
import type { Log } from "./log.ts";
import { timeText } from "./serve-flags.ts";
import type { ServeSettings } from "./serve-settings.ts";
import type { EndSignal } from "./shutdown.ts";

/** Tells the log of what happens to the backends. */
export function loggedTo(log: Log): Required<Pick<LoadBalancerDeps, "onStateChange" | "onTryFailed">> {
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

/** Says where it listens, and what for. */
export function announce(at: { url: string; port: number }, settings: ServeSettings, log: Log): void {
  const { algorithm, healthCheck, backends } = settings.resolved;
  log.info(`listening on ${at.url}`, { url: at.url, port: at.port });
  const checks =
    healthCheck === false
      ? "no health checks"
      : `GET ${healthCheck.path} every ${timeText(healthCheck.intervalMs)}`;
  const many = backends.length === 1 ? "1 backend" : `${backends.length} backends`;
  // A function has no name to speak of, and no flag makes one.
  const name = String(algorithm);
  log.info(`${name} over ${many}, ${checks}:`, { algorithm: name, backends: backends.length });
  for (const backend of backends) log.info(`  ${backendText(backend)}`, { ...backend });
}

function backendText({ origin, weight, tier }: BackendSpec): string {
  return `${origin}${weight === 1 ? "" : `, weight ${weight}`}${tier === 0 ? "" : `, tier ${tier}`}`;
}

/** Says that the end has begun. */
export function announceEnd(signal: EndSignal, inFlight: number, graceMs: number, log: Log): void {
  log.info(
    `${signal}: shutting down, ${requests(inFlight)} under way, waiting at most ${timeText(graceMs)}`,
    { signal, inFlight },
  );
}

/** Says that some requests did not end in time. */
export function announceCut(cut: number, graceMs: number, log: Log): void {
  log.warn(`cut ${requests(cut)} that took longer than ${timeText(graceMs)}`, { cut });
}

function requests(count: number): string {
  return count === 1 ? "1 request" : `${count} requests`;
}
