import { DEFAULT_PORT } from "../adapters/adapter.ts";
import { resolveConfig, type SolePool, solePool } from "../config/config.ts";
import { ConfigError, didYouMean } from "../config/problem.ts";
import {
  DEFAULT_FRONT,
  DEFAULT_LOG_FORMAT,
  DEFAULT_LOG_LEVEL,
  DEFAULT_TRANSPORT,
  FRONT_NAMES,
  type FrontName,
  LOG_FORMATS,
  LOG_LEVELS,
  SHUTDOWN_TIMEOUT_MS,
  TRANSPORT_NAMES,
  type TransportName,
} from "../config/process.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { Algorithm } from "../core/picking/index.ts";
import type { FrontListenOptions } from "../front/front.ts";
import type { ServerTls } from "../sockets/socket.ts";
import { UsageError } from "./args.ts";
import { type BackendLimits, backendLimits } from "./backend-limits.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import type { Given } from "./given.ts";
import { refuseOwnAddress } from "./own-address.ts";
import { healthCheckOf, readinessOf } from "./readiness-settings.ts";
import { serverTls } from "./server-tls.ts";
import { refuseSplitSessions, stickySettings } from "./sticky-settings.ts";
import { givenTries } from "./tries-flags.ts";
import { withoutUndefined } from "./without-undefined.ts";
import { workerCount } from "./worker-count.ts";

/** Everything that `lb serve` was told, checked. */
export interface ServeSettings {
  readonly config: LoadBalancerConfig;
  /** The same, with every default filled in. */
  readonly resolved: SolePool;
  readonly port: number;
  /** Undefined for all interfaces. */
  readonly host: string | undefined;
  /** Undefined for plain TCP. */
  readonly tls: ServerTls | undefined;
  readonly front: FrontName;
  readonly clientLimits: ClientLimits;
  readonly transport: TransportName;
  readonly backendLimits: BackendLimits;
  readonly logFormat: (typeof LOG_FORMATS)[number];
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly shutdownTimeoutMs: number;
  /** How many processes serve; 1 is this one. */
  readonly workers: number;
}

/**
 * Reads and checks what was given to `lb serve`.
 *
 * @throws ConfigError that names the flag or variable that is wrong.
 * @throws UsageError if no backend was given anywhere.
 */
export function serveSettings(given: Given): ServeSettings {
  const config = configOf(given);
  const port = given.wholeNumber("port", 0, 65535) ?? DEFAULT_PORT;
  const host = given.text("host");
  const front = oneOf(given, "front", FRONT_NAMES) ?? DEFAULT_FRONT;
  const transport = oneOf(given, "transport", TRANSPORT_NAMES) ?? DEFAULT_TRANSPORT;
  const logFormat = oneOf(given, "log-format", LOG_FORMATS) ?? DEFAULT_LOG_FORMAT;
  const logLevel = oneOf(given, "log-level", LOG_LEVELS) ?? DEFAULT_LOG_LEVEL;
  const shutdownTimeoutMs = given.durationMs("shutdown-timeout", true) ?? SHUTDOWN_TIMEOUT_MS;
  const workers = workerCount(given.text("workers"), given.place("workers"));
  refuseSplitSessions(given, config.sticky, workers);
  const resolved = resolvedOf(given, config);
  refuseOwnAddress(resolved.backends, host, port, given.place("backends"));
  const limits = clientLimits(given, front);
  const tls = serverTls(given);
  return {
    config,
    resolved,
    port,
    host,
    tls,
    front,
    clientLimits: limits,
    transport,
    backendLimits: backendLimits(given, transport),
    logFormat,
    logLevel,
    shutdownTimeoutMs,
    workers,
  };
}

/** Where and how the settings say to listen. */
export function listenOptions(settings: ServeSettings): FrontListenOptions {
  const { port, host, tls, clientLimits, resolved } = settings;
  return {
    port,
    ...clientLimits,
    writeTimeoutMs: resolved.writeTimeoutMs === 0 ? Number.POSITIVE_INFINITY : resolved.writeTimeoutMs,
    ...(host === undefined ? {} : { hostname: host }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function configOf(given: Given): LoadBalancerConfig {
  const backends = given.list("backends");
  if (backends === undefined) {
    throw new UsageError(
      "--backends: found none, expected at least one URL such as http://localhost:8081 (or try lb demo)",
    );
  }
  return { backends, ...policyOf(given) };
}

/** What was given of everything but the backends: how requests are balanced. Not checked yet. */
export function policyOf(given: Given): Omit<LoadBalancerConfig, "backends"> {
  const statusPath = given.text("status-path");
  return withoutUndefined({
    healthCheck: healthCheckOf(given),
    ...readinessOf(given),
    // Checked by resolveConfig, like every word here.
    algorithm: given.text("algorithm") as Algorithm | undefined,
    hashBalanceFactor: balanceFactor(given),
    sticky: stickySettings(given),
    ...givenTries(given),
    trustedProxies: given.list("trusted-proxies"),
    forwarded: given.isOn("forwarded"),
    statusPath: statusPath === "off" ? (false as const) : statusPath,
  });
}

/** Which numbers it may be is checked by resolveConfig. */
function balanceFactor(given: Given): number | false | undefined {
  const text = given.text("hash-balance-factor");
  if (text === undefined) return undefined;
  if (text === "off") return false;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new ConfigError(
    `${given.place("hash-balance-factor")}: found "${text}", expected a number above 1 and up to 100, or off`,
  );
}

/** Checks a config that was made of what was given. @throws ConfigError that names the flag that is wrong. */
export function resolvedOf(given: Given, config: LoadBalancerConfig): SolePool {
  try {
    return solePool(resolveConfig(config));
  } catch (error) {
    throw error instanceof ConfigError ? given.inUsersWords(error) : error;
  }
}

/** One of these words. @throws ConfigError if it is another. */
export function oneOf<T extends string>(given: Given, name: string, words: readonly T[]): T | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  const expected = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new ConfigError(
    `${given.place(name)}: found "${text}", expected ${expected}${didYouMean(text, words)}`,
  );
}
