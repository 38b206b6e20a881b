import { problemSentence } from "../config/problem.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import type { BackendSpec } from "../core/backend.ts";
import type { LoadBalancerDeps, LoadBalancerStatus } from "../load-balancer.ts";
import type { ListeningAt } from "../workers/messages.ts";
import type { FaultDeps } from "../workers/worker.ts";
import type { Log } from "./log.ts";
import type { ServeSettings } from "./serve-settings.ts";
import type { EndSignal } from "./shutdown.ts";
import { timeText } from "./time-text.ts";

/** Tells the log of what happens to the backends, and of what goes wrong in functions of the user's. */
export function loggedTo(
  log: Log,
): Required<Pick<LoadBalancerDeps, "onStateChange" | "onPanicChange" | "onTryFailed" | keyof FaultDeps>> {
  return {
    onPickerFault(reason, pool) {
      log.error(`the algorithm of pool ${pool} failed, and round robin stands in for it: ${reason}`, {
        pool,
        reason,
      });
    },
    onMiddlewareFault(route, middleware, error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error(`middleware ${middleware} of route ${route} failed: ${reason}`, {
        route,
        middleware,
        reason,
      });
    },
    onWarning: (reason) => log.warn(reason),
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

/** Says which file the config is from, and what in it is seldom meant. */
export function announceSource({ source, warnings }: ServeSettings, log: Log): void {
  if (source !== undefined) log.info(`config from ${source.file}`, { file: source.file });
  for (const warning of warnings) log.warn(problemSentence(warning));
}

/** Says where it listens, and what for. */
export function announce(at: readonly ListeningAt[], { resolved }: ServeSettings, log: Log): void {
  for (const { url, port } of at) log.info(`listening on ${url}`, { url, port });
  for (const [name, pool] of resolved.pools) {
    announcePool(resolved.pools.size === 1 ? "" : `pool ${name}: `, name, pool, log);
  }
}

function announcePool(prefix: string, pool: string, settings: ResolvedPool, log: Log): void {
  const { algorithm, healthCheck, backends } = settings;
  const checks =
    healthCheck === false
      ? "no health checks"
      : `${healthCheck.method} ${healthCheck.path} every ${timeText(healthCheck.intervalMs)}`;
  const many = backends.length === 1 ? "1 backend" : `${backends.length} backends`;
  const name = typeof algorithm === "function" ? "an algorithm of its own" : algorithm;
  log.info(`${prefix}${name} over ${many}, ${checks}:`, { pool, algorithm: name, backends: backends.length });
  for (const { probe: _, ...backend } of backends)
    log.info(`  ${backendText(backend)}`, { pool, ...backend });
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
