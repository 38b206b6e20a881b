import { hostname as machineName, networkInterfaces } from "node:os";
import type { ListenerRules } from "../config/listeners.ts";
import { DEFAULT_POOL } from "../config/pool-name.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import { placeOf } from "../config/schema/check.ts";
import type { FileConfig } from "../config/types/file.ts";
import { socketPathOf } from "../core/backend.ts";

/**
 * The backends that are the balancer itself: their requests would go round in a ring until sockets ran out.
 *
 * @param listeners Where the balancer listens: no host is all interfaces, and port 0 a free one, which nobody can have
 *   named.
 */
export function ownAddressProblems(
  written: FileConfig,
  pools: ReadonlyMap<string, ResolvedPool>,
  listeners: readonly Pick<ListenerRules, "host" | "port">[],
): ConfigProblem[] {
  return [...pools].flatMap(([name, { backends }]) => {
    const isTop = name === DEFAULT_POOL && written.backends !== undefined;
    const list = isTop ? ["backends"] : ["pools", name, "backends"];
    return backends.flatMap(({ origin }, index): ConfigProblem[] => {
      if (!listeners.some(({ host, port }) => isOwn(origin, host, port))) return [];
      const message = `found ${origin}, which is where lb itself listens, expected another address or port`;
      return [{ path: [...list, index], place: placeOf(list), message }];
    });
  });
}

function isOwn(origin: string, host: string | undefined, port: number): boolean {
  // It listens on no Unix socket.
  if (socketPathOf(origin) !== "") return false;
  const url = new URL(origin);
  const backendPort = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  return backendPort === port && isOwnHost(bare(url.hostname), host);
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

/** Whether connecting to it reaches this machine alone (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
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
