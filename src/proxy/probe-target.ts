import { ConfigError } from "../config/problem.ts";
import type { ProbeRules } from "../config/resolved.ts";
import { Backend } from "../core/backend.ts";
import type { Transport } from "../transport/transport.ts";

/**
 * Whom the checks of a backend ask: itself; or what listens on another port of its host, or shows another certificate.
 * The latter gets no traffic, and so has connections of its own.
 */
export function probeTarget(backend: Backend, { port, tls }: ProbeRules): Backend {
  if (backend.socketPath !== "") return backend;
  const url = new URL(backend.origin);
  const isSecure = url.protocol === "https:";
  const ownPort = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const askedPort = port === 0 ? ownPort : port;
  const isPlain = isSecure && tls === false;
  const identity = isSecure && tls !== false && Object.keys(tls).length > 0 ? tls : undefined;
  if (askedPort === ownPort && !isPlain && identity === undefined) return backend;
  if (isPlain) url.protocol = "http:";
  // Also where it stays, since without one each scheme has another.
  url.port = String(askedPort);
  return new Backend({ origin: url.origin, weight: 1, tier: 0 }, identity);
}

/**
 * Makes sure that a transport can check backends as they are to be checked.
 *
 * @param all How those are checked that have no rules of their own; false for not at all.
 * @param own The rules of the others, by origin.
 * @throws ConfigError that names the first that are beyond it.
 */
export function refuseUncheckable(
  { name, knowsIdentities }: Transport,
  all: ProbeRules | false,
  own: ReadonlyMap<string, ProbeRules>,
): void {
  if (all === false || knowsIdentities === true) return;
  const places: (readonly [place: string, rules: ProbeRules])[] = [["healthCheck.tls", all]];
  for (const [origin, rules] of own) places.push([`backends: ${origin} healthCheck.tls`, rules]);
  for (const [place, { tls }] of places) {
    if (tls === false || Object.keys(tls).length === 0) continue;
    throw new ConfigError(
      `${place}: found with the transport ${name}, which speaks TLS to all in one way, expected http1`,
    );
  }
}
