import { socketPathOf } from "../core/backend.ts";
import { ConfigError } from "./problem.ts";

/** What is looked at of a backend: where it is, and how it is checked if that differs from the others. */
interface CheckedBackend {
  readonly origin: string;
  readonly probe?: { readonly port: number };
}

/**
 * Makes sure that backends which are checked on a port of their own can have one.
 *
 * @param port The port of the checks of those that say nothing of their own; 0 is each one's own.
 * @throws ConfigError that names the first backend on a Unix socket, which has no ports.
 */
export function refusePortsOfSockets(backends: readonly CheckedBackend[], port: number): void {
  for (const { origin, probe } of backends) {
    const asked = probe?.port ?? port;
    if (asked === 0 || socketPathOf(origin) === "") continue;
    throw new ConfigError(
      `backends: ${origin} would be checked on port ${asked}, which a Unix socket does not have, expected a healthCheck of its own with port 0`,
    );
  }
}
