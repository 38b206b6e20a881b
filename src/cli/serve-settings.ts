import { dirname, isAbsolute, join } from "node:path";
import { loadBalancerIn, type ResolvedFile, resolveFile } from "../config/file.ts";
import { ConfigError, type ConfigProblem } from "../config/problem.ts";
import type { LogFormat, LogLevel, TransportName } from "../config/process.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { FileConfig } from "../config/types/file.ts";
import { ConfigFileError, type ConfigSource } from "../config-file/index.ts";
import type { BackendTlsOptions } from "../transport/backend-tls.ts";
import type { Http1Options } from "../transport/http1.ts";
import { TRANSPORTS } from "../transport/index.ts";
import type { Transport } from "../transport/transport.ts";
import { type AdminSettings, adminSettings } from "./admin/admin-settings.ts";
import { backendTls } from "./backend-tls.ts";
import { risksOf } from "./check/risks.ts";
import type { Given } from "./given.ts";
import { type GivenConfig, givenConfig } from "./given-config.ts";
import { type ListenerSettings, listenerSettings } from "./listener-settings.ts";
import { overlaid, withSecret } from "./overlay.ts";
import { ownAddressProblems } from "./own-address.ts";
import { Places } from "./places.ts";
import { splitSessionProblems } from "./sticky-settings.ts";
import { workerCount } from "./worker-count.ts";

/** Everything that `lb serve` was told, checked: by flags, by variables, and by a config file below them. */
export interface ServeSettings {
  /** What the load balancer is told. */
  readonly config: LoadBalancerConfig;
  /** The same, with every default filled in. */
  readonly resolved: ResolvedConfig;
  /** At least one. */
  readonly listeners: readonly ListenerSettings[];
  readonly transport: TransportName;
  /** What connections to backends are allowed; nothing to the transport `fetch`. */
  readonly backendLimits: Required<Pick<Http1Options, "connectTimeoutMs" | "maxPending">>;
  readonly backendTls: BackendTlsOptions;
  /** Undefined: nobody can ask. */
  readonly admin: AdminSettings | undefined;
  /** Whether the config is read again when its file changes. */
  readonly isWatched: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  readonly shutdownTimeoutMs: number;
  /** How many processes serve; 1 is this one. */
  readonly workers: number;
  /** All of it as one config file would say it, without defaults. */
  readonly written: FileConfig;
  /** The same, with every default. */
  readonly file: ResolvedFile;
  /** What is allowed, and seldom meant; in sentences with their places. */
  readonly warnings: readonly ConfigProblem[];
  /** The config file as it was named, and all files that it was read from, as absolute paths. Undefined without one. */
  readonly source: Pick<ConfigSource, "file" | "files"> | undefined;
}

/**
 * Puts together what was given and what a config file says, and checks it. May be called again, with the same file read
 * again.
 *
 * @param source The file; undefined without one.
 * @param handed The secret that a supervisor has handed down for cookies that have none.
 * @throws ConfigError with all that is wrong, each with its place: a flag, a variable, or a line of the file.
 */
export function settingsOf(given: Given, source: ConfigSource | undefined, handed?: string): ServeSettings {
  const places = new Places(given, source);
  const thrown = (problems: readonly ConfigProblem[]) => {
    const placed = places.placed(problems);
    return source === undefined ? new ConfigError(placed) : new ConfigFileError(placed, source.files);
  };
  const { written, file } = checked(given, source, handed, thrown);
  const problems: ConfigProblem[] = [];
  const named = (name: string, flag: string) => fileFrom(source?.file, name, given.has(flag));
  const listeners = listenerSettings(
    file.listeners,
    { named, places, writeTimeoutMs: writeTimeoutMs(file.pools) },
    problems,
  );
  const tls = backendTls(file.backendTls, named, problems);
  const admin = file.admin && adminSettings(file.admin, named, places, file.listeners, problems);
  const workers = workerCount(file.workers, problems);
  problems.push(
    ...splitSessionProblems(written, file.pools, workers),
    ...ownAddressProblems(written, file.pools, file.listeners),
  );
  if (problems.length > 0) throw thrown(problems);
  const { transport, connectTimeoutMs, maxPending, logFormat, logLevel, shutdownTimeoutMs } = file;
  return {
    config: loadBalancerIn(written),
    resolved: file,
    listeners,
    transport,
    backendLimits: { connectTimeoutMs, maxPending },
    backendTls: tls,
    admin,
    isWatched: file.watch,
    logFormat,
    logLevel,
    shutdownTimeoutMs,
    workers,
    written,
    file,
    warnings: places.placed(risksOf(written, file)),
    source: source && { file: source.file, files: source.files },
  };
}

/** Makes what the settings say that backends are reached with. */
export function transportOf({ transport, backendLimits, backendTls: tls }: ServeSettings): Transport {
  return TRANSPORTS[transport]({ ...backendLimits, tls });
}

/** Where a file is: named on the command line from where that is, in a config file from its folder. */
function fileFrom(configFile: string | undefined, name: string, isByFlag: boolean): string {
  return isByFlag || configFile === undefined || isAbsolute(name) ? name : join(dirname(configFile), name);
}

/** What was given over what the file says, as it is written and with every default. */
function checked(
  given: Given,
  source: ConfigSource | undefined,
  handed: string | undefined,
  thrown: (problems: readonly ConfigProblem[]) => ConfigError,
): { written: FileConfig; file: ResolvedFile } {
  const own = givenConfig(given);
  const attempt = (value: unknown) => checkedValue(value, own, given, handed);
  try {
    return attempt(source?.value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // A variable in the file may be meant as a number or as a text: who expects the other takes it.
    const reread = source?.reread(error.problems.map(({ path }) => path));
    if (reread === undefined) throw thrown(error.problems);
    try {
      return attempt(reread);
    } catch (second) {
      throw second instanceof ConfigError ? thrown(second.problems) : second;
    }
  }
}

function checkedValue(
  value: unknown,
  own: GivenConfig,
  given: Given,
  handed: string | undefined,
): { written: FileConfig; file: ResolvedFile } {
  const merged = overlaid(value, own, given);
  const written = (handed === undefined ? merged : withSecret(merged, handed)) as FileConfig;
  return { written, file: resolveFile(written) };
}

/** Connections belong to no pool: they are given the time of the one that gives most. */
function writeTimeoutMs(pools: ReadonlyMap<string, ResolvedPool>): number {
  const times = [...pools.values()].map((pool) => pool.writeTimeoutMs || Number.POSITIVE_INFINITY);
  return Math.max(...times);
}
