import type { BackendSpec } from "../core/backend.ts";
import { HASH_BALANCE_FACTOR } from "../core/picking/hashing.ts";
import type { Algorithm } from "../core/picking/index.ts";
import type { PickerFactory } from "../core/picking/picker.ts";
import { RETRY_CONDITIONS, type RetryCondition } from "../core/retry.ts";
import { parseAlgorithm } from "./algorithm.ts";
import { type BackendConfig, parseBackends } from "./backends.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { ConfigError, didYouMean } from "./problem.ts";

/** How a load balancer is set up: what a user writes. Every key but `backends` has a default. */
export interface LoadBalancerConfig {
  /** Where requests go: at least one origin, each once. */
  readonly backends: readonly BackendConfig[];
  /** How a backend is chosen: an algorithm's name, or a function that makes a picker. Default `round-robin`. */
  readonly algorithm?: Algorithm | PickerFactory;
  /**
   * For the algorithms that go by a key: how many times its share of the requests under way a backend may have
   * until those with its keys go to another. Above 1; `false` is no limit. Default 1.25.
   */
  readonly hashBalanceFactor?: number | false;
  /** Active health checks; `false` turns them off. Default: on, with the defaults of `HealthCheckConfig`. */
  readonly healthCheck?: HealthCheckConfig | false;
  /** Tries after the first, for a request whose try failed. Default 2. */
  readonly retries?: number;
  /** Which failures are tried again. Default `["connect", "reset"]`. */
  readonly retryOn?: readonly RetryCondition[];
  /** The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit. Default 60,000. */
  readonly timeoutMs?: number;
  /** The longest wait for the head of an answer in one try, in milliseconds; 0 is no limit but `timeoutMs`. Default 0. */
  readonly tryTimeoutMs?: number;
  /** The proxies whose `X-Forwarded-*` and `Forwarded` are believed, as addresses or CIDRs. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Also send the standard `Forwarded` header (RFC 7239) to the backends. Default false. */
  readonly forwarded?: boolean;
  /** Where the balancer answers with its own status; `false` turns it off. Default `/lb-status`. */
  readonly statusPath?: string | false;
}

/** How backends are checked. */
export interface HealthCheckConfig {
  /** What to GET. On a connection error or a time-out `/` is asked instead. Default `/health`. */
  readonly path?: string;
  /** Time from one check to the next, in milliseconds, ±10 % so that balancers do not keep step. Default 10,000. */
  readonly intervalMs?: number;
  /** The longest wait for an answer, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Good checks in a row that bring a backend back. Default 1. */
  readonly rise?: number;
  /** Failed checks in a row that take a backend out. Default 1. */
  readonly fall?: number;
}

/** A config that was checked, with every default filled in. */
export interface ResolvedConfig {
  readonly backends: readonly BackendSpec[];
  readonly algorithm: Algorithm | PickerFactory;
  /** `Infinity` is no limit. */
  readonly hashBalanceFactor: number;
  readonly healthCheck: Required<HealthCheckConfig> | false;
  readonly retries: number;
  readonly retryOn: readonly RetryCondition[];
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
  readonly statusPath: string | false;
}

/** Every default in one place; flags, docs and library read them here. */
export const DEFAULTS = {
  algorithm: "round-robin",
  hashBalanceFactor: HASH_BALANCE_FACTOR,
  healthCheck: { path: "/health", intervalMs: 10_000, timeoutMs: 2_000, rise: 1, fall: 1 },
  retries: 2,
  retryOn: ["connect", "reset"],
  timeoutMs: 60_000,
  tryTimeoutMs: 0,
  trustedProxies: [],
  forwarded: false,
  statusPath: "/lb-status",
} as const satisfies Omit<Required<LoadBalancerConfig>, "backends">;

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveConfig(config: LoadBalancerConfig): ResolvedConfig {
  checkKeys("config", config, ["backends", ...Object.keys(DEFAULTS)]);
  const retryOn = list("retryOn", config.retryOn ?? DEFAULTS.retryOn);
  for (const condition of retryOn) checkWord("retryOn", condition, RETRY_CONDITIONS);
  const statusPath = config.statusPath ?? DEFAULTS.statusPath;
  if (statusPath !== false) checkPath("statusPath", statusPath);
  return {
    backends: parseBackends(config.backends),
    algorithm: parseAlgorithm(config.algorithm ?? DEFAULTS.algorithm),
    hashBalanceFactor: balanceFactor(config.hashBalanceFactor ?? DEFAULTS.hashBalanceFactor),
    healthCheck: resolveHealthCheck(config.healthCheck ?? {}),
    retries: wholeNumber("retries", config.retries ?? DEFAULTS.retries, 0, 100),
    retryOn,
    timeoutMs: milliseconds("timeoutMs", config.timeoutMs ?? DEFAULTS.timeoutMs, 0),
    tryTimeoutMs: milliseconds("tryTimeoutMs", config.tryTimeoutMs ?? DEFAULTS.tryTimeoutMs, 0),
    trustedProxies: list("trustedProxies", config.trustedProxies ?? DEFAULTS.trustedProxies).map((text) =>
      parseCidr(text, "trustedProxies"),
    ),
    forwarded: yesOrNo("forwarded", config.forwarded ?? DEFAULTS.forwarded),
    statusPath,
  };
}

function resolveHealthCheck(config: HealthCheckConfig | false): Required<HealthCheckConfig> | false {
  if (config === false) return false;
  if (typeof config !== "object") {
    throw new ConfigError(`healthCheck: found ${JSON.stringify(config)}, expected an object or false`);
  }
  const defaults = DEFAULTS.healthCheck;
  checkKeys("healthCheck", config, Object.keys(defaults));
  const path = config.path ?? defaults.path;
  checkPath("healthCheck.path", path);
  return {
    path,
    intervalMs: milliseconds("healthCheck.intervalMs", config.intervalMs ?? defaults.intervalMs, 1),
    timeoutMs: milliseconds("healthCheck.timeoutMs", config.timeoutMs ?? defaults.timeoutMs, 1),
    rise: wholeNumber("healthCheck.rise", config.rise ?? defaults.rise, 1, 1000),
    fall: wholeNumber("healthCheck.fall", config.fall ?? defaults.fall, 1, 1000),
  };
}

function checkKeys(place: string, config: object, known: readonly string[]): void {
  for (const key of Object.keys(config)) {
    if (!known.includes(key)) {
      const near = didYouMean(key, known);
      throw new ConfigError(
        `${place}: found the unknown key "${key}"${near || `, expected ${known.join(", ")}`}`,
      );
    }
  }
}

function checkWord(place: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  throw new ConfigError(`${place}: found "${word}", expected ${orList(known)}${didYouMean(word, known)}`);
}

function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function checkPath(place: string, path: string): void {
  // A fragment never reaches a server, and other characters would be changed on the way (RFC 3986 §3.3).
  if (/^\/[\x21\x22\x24-\x7e]*$/.test(path)) return;
  const example = place === "statusPath" ? DEFAULTS.statusPath : DEFAULTS.healthCheck.path;
  throw new ConfigError(`${place}: found "${path}", expected a path that begins with /, such as ${example}`);
}

function list<T>(place: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected a list`);
}

function yesOrNo(place: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigError(`${place}: found ${JSON.stringify(value)}, expected true or false`);
}

function balanceFactor(value: number | false): number {
  if (value === false) return Number.POSITIVE_INFINITY;
  if (typeof value === "number" && value > 1 && value <= 100) return value;
  throw new ConfigError(
    `hashBalanceFactor: found ${JSON.stringify(value)}, expected a number above 1 and up to 100`,
  );
}

function wholeNumber(place: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConfigError(`${place}: found ${value}, expected a whole number from ${least} to ${most}`);
}

function milliseconds(place: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least && value <= 2_147_483_647) return value;
  throw new ConfigError(`${place}: found ${value}, expected a number of milliseconds, at least ${least}`);
}
