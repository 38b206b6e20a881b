import type { ProbeRules } from "../config/health-check.ts";
import { Backend } from "../core/backend.ts";

/**
 * Whom the checks of a backend ask: itself, or what listens on another port of its host. The latter gets no
 * traffic, and so has connections of its own.
 */
export function probeTarget(backend: Backend, { port }: ProbeRules): Backend {
  if (port === 0 || backend.socketPath !== "") return backend;
  const url = new URL(backend.origin);
  url.port = String(port);
  return url.origin === backend.origin ? backend : new Backend({ origin: url.origin, weight: 1, tier: 0 });
}
