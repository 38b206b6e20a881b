import type { BackendSpec } from "../core/backend.ts";
import type { LoadBalancerDeps, LoadBalancerStatus } from "../load-balancer.ts";
import type { Log } from "./log.ts";
import type { ServeSettings } from "./serve-settings.ts";
import type { EndSignal } from "./shutdown.ts";
import { timeText } from "./time-text.ts";

/** Tells the log of what happens to the backends. */
export function loggedTo(
  log: Log,
): Required<Pick<LoadBalancerDeps, "onStateChange" | "onPanicChange" | "onTryFailed">> {
  return {
    onStateChange({ backend, available, state, byTraffic, reason }) {
      const fields = { backend: backend.origin, available, state, byTraffic, reason };
      // Not checked is what most call up.
      const word = state === "unchecked" ? "up" : state;
      if (available) log.success(`${backend.origin} is ${word}: ${reason}`, fields);
      else log.warn(`${backend.origin} is ${word}: ${reason}`, fields);
    },
    onPanicChange({ panicking, available, members }) {
      const fields = { panicking, available, members };
      const left = `${available} of ${members} backends are available`;
      if (panicking) log.warn(`only ${left}: all that can be reached are tried`, fields);
      else log.success(`${left}: only these get requests again`, fields);
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
      : `${healthCheck.method} ${healthCheck.path} every ${timeText(healthCheck.intervalMs)}`;
  const many = backends.length === 1 ? "1 backend" : `${backends.length} backends`;
  // A function has no name to speak of, and no flag makes one.
  const name = String(algorithm);
  log.info(`${name} over ${many}, ${checks}:`, { algorithm: name, backends: backends.length });
  for (const { probe: _, ...backend } of backends) log.info(`  ${backendText(backend)}`, { ...backend });
}

function backendText({ origin, weight, tier, maxInFlight, drain }: BackendSpec): string {
  const facts = [
    origin,
    weight === 1 ? "" : `weight ${weight}`,
    tier === 0 ? "" : `tier ${tier}`,
    maxInFlight === undefined ? "" : `at most ${maxInFlight} under way`,
    drain === true ? "draining" : "",
  ];
  return facts.filter((fact) => fact !== "").join(", ");
}

/** Says that the end has begun. */
export function announceEnd(
  signal: EndSignal,
  { inFlight, waiting }: LoadBalancerStatus,
  graceMs: number,
  log: Log,
): void {
  log.info(
    `${signal}: shutting down, ${requests(inFlight + waiting)} under way, waiting at most ${timeText(graceMs)}`,
    { signal, inFlight, waiting },
  );
}

/** Says that some requests did not end in time. */
export function announceCut(cut: number, graceMs: number, log: Log): void {
  log.warn(`cut ${requests(cut)} that took longer than ${timeText(graceMs)}`, { cut });
}

function requests(count: number): string {
  return count === 1 ? "1 request" : `${count} requests`;
}
