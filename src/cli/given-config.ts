import { ConfigError } from "../config/problem.ts";
import { type LogFormat, type LogLevel, MOST_PENDING, type TransportName } from "../config/process.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { AdminConfig, FileConfig, ListenerConfig, ListenerTlsConfig } from "../config/types/file.ts";
import type { Algorithm } from "../core/picking/index.ts";
import { givenAdmin } from "./admin/admin-flags.ts";
import { givenBackendTls } from "./backend-tls.ts";
import type { Given } from "./given.ts";
import { healthCheckOf, readinessOf } from "./readiness-settings.ts";
import { stickySecret, stickySettings } from "./sticky-settings.ts";
import { givenTries } from "./tries-flags.ts";
import { someOf, withoutUndefined } from "./without-undefined.ts";
import { givenWorkers } from "./worker-count.ts";

/** The keys of a listener that flags and variables can say; of the two files perhaps one. */
export type GivenListener = Omit<ListenerConfig, "tls"> & { readonly tls?: Partial<ListenerTlsConfig> };

/** What flags and variables say, in the words of a config file. What they do not say is not there. */
export interface GivenConfig {
  /** Keys at the top of a file. */
  readonly keys: Omit<FileConfig, "listeners">;
  readonly listener: GivenListener;
  /** What the cookies of sticky sessions are made with, whichever pool's they are. */
  readonly stickySecret: string | undefined;
}

/**
 * Reads what was given on the command line and in the environment. Words, and what several keys say together, are
 * checked with the config.
 *
 * @throws ConfigError that names the flag or variable that is wrong.
 */
export function givenConfig(given: Given): GivenConfig {
  return {
    keys: withoutUndefined({
      backends: given.list("backends"),
      ...policyOf(given),
      workers: givenWorkers(given),
      transport: given.text("transport") as TransportName | undefined,
      connectTimeoutMs: given.durationMs("connect-timeout"),
      maxPending: given.wholeNumber("max-pending", 1, MOST_PENDING),
      backendTls: someOf(givenBackendTls(given)),
      // Which of its keys there must be is checked with the config: a file may have the others.
      admin: someOf(givenAdmin(given)) as AdminConfig | undefined,
      watch: given.has("watch") ? given.isOn("watch") : undefined,
      logFormat: given.text("log-format") as LogFormat | undefined,
      logLevel: given.text("log-level") as LogLevel | undefined,
      shutdownTimeoutMs: given.durationMs("shutdown-timeout", true),
    }),
    listener: listenerOf(given),
    stickySecret: stickySecret(given),
  };
}

/** What was given of everything but the backends: how requests are balanced. */
export function policyOf(given: Given): Omit<LoadBalancerConfig, "backends"> {
  const statusPath = given.text("status-path");
  return withoutUndefined({
    healthCheck: healthCheckOf(given),
    ...readinessOf(given),
    algorithm: given.text("algorithm") as Algorithm | undefined,
    hashBalanceFactor: balanceFactor(given),
    sticky: stickySettings(given),
    ...givenTries(given),
    trustedProxies: given.list("trusted-proxies"),
    forwarded: given.has("forwarded") ? given.isOn("forwarded") : undefined,
    statusPath: statusPath === "off" ? (false as const) : statusPath,
  });
}

function listenerOf(given: Given): GivenListener {
  return withoutUndefined({
    port: given.wholeNumber("port", 0, 65_535),
    host: given.text("host"),
    tls: someOf({ cert: given.text("tls-cert"), key: given.text("tls-key") }),
    front: given.text("front") as ListenerConfig["front"] | undefined,
    maxConnections: given.wholeNumber("max-connections", 1, 1_048_576),
    headTimeoutMs: given.durationMs("head-timeout"),
    keepAliveTimeoutMs: given.durationMs("keep-alive-timeout"),
  });
}

/** Which numbers it may be is checked with the config. */
function balanceFactor(given: Given): number | false | undefined {
  const text = given.text("hash-balance-factor");
  if (text === undefined) return undefined;
  if (text === "off") return false;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new ConfigError(
    `${given.place("hash-balance-factor")}: found "${text}", expected a number above 1 and up to 100, or off`,
  );
}
