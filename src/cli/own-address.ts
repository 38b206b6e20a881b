import { hostname as machineName, networkInterfaces } from "node:os";
import { ConfigError } from "../config/problem.ts";
import { type BackendSpec, socketPathOf } from "../core/backend.ts";

/**
 * Refuses a backend that is the balancer itself: its requests would go round in a ring until sockets ran out.
 *
 * @param host Where the balancer listens; undefined is all interfaces.
 * @param port 0 for a free one, which nobody can have named.
 * @param place Where the backends were given, for the error.
 * @throws ConfigError that names the backend.
 */
export function refuseOwnAddress(
  backends: readonly BackendSpec[],
  host: string | undefined,
  port: number,
  place: string,
): void {
  for (const { origin } of backends) {
    // It listens on no Unix socket.
    if (socketPathOf(origin) !== "") continue;
    const url = new URL(origin);
    const backendPort = Number(url.port || (url.protocol === "https:" ? 443 : 80));
    if (backendPort !== port || !isOwnHost(bare(url.hostname), host)) continue;
    throw new ConfigError(
      `${place}: found ${origin}, which is where lb itself listens, expected another address or port`,
    );
  }
}

function isOwnHost(backendHost: string, host: string | undefined): boolean {
  const isAny = host === undefined || isUnspecified(host);
  if (isAny) return isUnspecified(backendHost) || isLoopback(backendHost) || isOfThisMachine(backendHost);
  if (backendHost === bare(host).toLowerCase()) return true;
  return isLoopback(host) && (isLoopback(backendHost) || isUnspecified(backendHost));
}

/** Connecting to these reaches this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2). */
function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || bare(host) === "::";
}

function isLoopback(host: string): boolean {
  const name = bare(host).toLowerCase();
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d+){3}$/.test(name)
  );
}

function isOfThisMachine(host: string): boolean {
  if (host === machineName().toLowerCase()) return true;
  return Object.values(networkInterfaces()).some((own) => own?.some(({ address }) => address === host));
}

/** An IPv6 address without the brackets that it has in a URL. */
function bare(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
