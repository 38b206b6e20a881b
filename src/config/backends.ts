import { type BackendSpec, UNIX_SCHEME } from "../core/backend.ts";
import { refusePortsOfSockets } from "./check-port.ts";
import {
  type HealthCheckConfig,
  type ProbeRules,
  type ResolvedHealthCheck,
  resolveOwnCheck,
} from "./health-check.ts";
import { ConfigError, didYouMean } from "./problem.ts";
import { orList, yesOrNo } from "./values.ts";

/** A backend in the config: its URL, or its URL with options. */
export type BackendConfig =
  | string
  | {
      /** An origin, `http://host:port` or `https://host:port`, or a Unix socket, `unix:/run/app.sock`. */
      readonly url: string;
      /** Share of the traffic relative to the others: a whole number from 1 to 1000. Default 1. */
      readonly weight?: number;
      /** 0 is first choice; what tier 1 gets, and when, `overprovisioning` says. Default 0. */
      readonly tier?: number;
      /** The most requests under way there; 0 is no limit. Default: the config's `maxInFlight`. */
      readonly maxInFlight?: number;
      /** Whether it is to finish what it has and get nothing new. Default false. */
      readonly drain?: boolean;
      /** What is different in its health checks. Default: nothing. */
      readonly healthCheck?: HealthCheckConfig;
    };

/** A backend that was checked. */
export interface ResolvedBackend extends BackendSpec {
  /** How it is checked, if that differs from the others. */
  readonly probe?: ProbeRules;
}

/** The highest limit on the requests under way at one backend. */
export const MOST_IN_FLIGHT = 1_000_000;

/** The options after a backend's URL that have a value, by the keys that they stand for. */
const VALUES = { weight: "weight", tier: "tier", "max-in-flight": "maxInFlight" } as const;
const OPTIONS = [...Object.keys(VALUES), "drain"];
const KEYS = [...Object.values(VALUES), "drain", "healthCheck"];

/**
 * Reads a list of backends.
 *
 * @param backends URLs, each with options after a semicolon (`http://a:1;weight=3;tier=1;drain`), or objects.
 * @param healthCheck How all are checked, for those that differ in part. Default: they are not.
 * @throws ConfigError for an empty list, a bad URL or option, or the same origin twice.
 */
export function parseBackends(
  backends: readonly BackendConfig[] | undefined,
  healthCheck: ResolvedHealthCheck | false = false,
): ResolvedBackend[] {
  if (backends !== undefined && !Array.isArray(backends)) {
    throw new ConfigError(`backends: found ${JSON.stringify(backends)}, expected a list of URLs`);
  }
  if (backends === undefined || backends.length === 0) {
    throw new ConfigError("backends: found none, expected at least one URL such as http://localhost:8081");
  }
  const specs = backends.map((backend) =>
    typeof backend === "string" ? parseText(backend) : parseObject(backend, healthCheck),
  );
  const seen = new Set<string>();
  for (const { origin } of specs) {
    if (seen.has(origin)) {
      throw new ConfigError(`backends: ${origin} is listed twice, expected each backend once`);
    }
    seen.add(origin);
  }
  if (healthCheck !== false) refusePortsOfSockets(specs, healthCheck.port);
  return specs;
}

/** The checks that differ, by the backends' origins. */
export function ownProbes(backends: readonly ResolvedBackend[]): ReadonlyMap<string, ProbeRules> {
  return new Map(backends.flatMap(({ origin, probe }) => (probe === undefined ? [] : [[origin, probe]])));
}

type BackendObject = Exclude<BackendConfig, string>;

function parseObject(backend: BackendObject, healthCheck: ResolvedHealthCheck | false): ResolvedBackend {
  checkShape(backend);
  const { url, weight = 1, tier = 0, maxInFlight, drain = false } = backend;
  return {
    origin: parseOrigin(url),
    weight: parseWholeNumber("weight", weight, url),
    tier: parseWholeNumber("tier", tier, url),
    ...(maxInFlight === undefined ? {} : { maxInFlight: parseWholeNumber("maxInFlight", maxInFlight, url) }),
    ...(yesOrNo(`backends: ${url} drain`, drain) ? { drain } : {}),
    ...(backend.healthCheck === undefined ? {} : ownCheck(backend.healthCheck, url, healthCheck)),
  };
}

function ownCheck(
  config: HealthCheckConfig,
  url: string,
  healthCheck: ResolvedHealthCheck | false,
): Pick<ResolvedBackend, "probe" | "rise" | "fall"> {
  if (healthCheck === false) {
    throw new ConfigError(`backends: ${url} has a healthCheck, but the config's healthCheck is false`);
  }
  const { rise, fall, ...probe } = resolveOwnCheck(`backends: ${url} healthCheck`, config, healthCheck);
  return { probe, rise, fall };
}

function parseText(text: string): ResolvedBackend {
  const [url = "", ...options] = text.split(";").map((part) => part.trim());
  const spec: { weight: number; tier: number; maxInFlight?: number; drain?: boolean } = {
    weight: 1,
    tier: 0,
  };
  for (const option of options) {
    if (option === "drain") {
      spec.drain = true;
      continue;
    }
    if (Object.hasOwn(VALUES, option)) {
      throw new ConfigError(`backends: ${url} has the option "${option}", expected ${option}=N`);
    }
    const [name = "", value = ""] = option.split("=").map((part) => part.trim());
    if (!Object.hasOwn(VALUES, name)) {
      const expected = "weight=N, tier=N, max-in-flight=N or drain";
      const near = didYouMean(name, OPTIONS);
      throw new ConfigError(`backends: ${url} has the option "${option}", expected ${expected}${near}`);
    }
    const key = VALUES[name as keyof typeof VALUES];
    spec[key] = parseWholeNumber(key, value, url, name);
  }
  return { origin: parseOrigin(url), ...spec };
}

/** Config may come from a file, where nothing has checked its types. */
function checkShape(backend: unknown): void {
  const url: unknown = typeof backend === "object" && backend !== null && "url" in backend && backend.url;
  if (typeof url !== "string") {
    throw new ConfigError(
      `backends: found ${JSON.stringify(backend)}, expected a URL or an object with a url`,
    );
  }
  for (const key of Object.keys(backend as object)) {
    if (key === "url" || KEYS.includes(key)) continue;
    const near = didYouMean(key, KEYS) || `, expected ${orList(["url", ...KEYS])}`;
    throw new ConfigError(`backends: ${url} has the unknown key "${key}"${near}`);
  }
}

const RANGES = { weight: [1, 1000], tier: [0, 100], maxInFlight: [0, MOST_IN_FLIGHT] } as const;

/** @param name What the user calls it. */
function parseWholeNumber(
  key: keyof typeof RANGES,
  value: string | number,
  url: string,
  name: string = key,
): number {
  const number = typeof value === "number" ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  const [least, most] = RANGES[key];
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new ConfigError(
    `backends: ${url} has ${name}=${value}, expected a whole number from ${least} to ${most}`,
  );
}

function parseOrigin(text: string): string {
  const wrong = (expected: string) => new ConfigError(`backends: found "${text}", expected ${expected}`);
  if (text.slice(0, UNIX_SCHEME.length).toLowerCase() === UNIX_SCHEME) {
    return UNIX_SCHEME + parseSocketPath(text.slice(UNIX_SCHEME.length), wrong);
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const guess = URL.canParse(`http://${text}`) && text !== "" ? `; did you mean http://${text}?` : "";
    throw wrong(`a URL such as http://localhost:8081${guess}`);
  }
  if (/:\d{5,}(\/|$)/.test(text) && !URL.canParse(text)) throw wrong("a port from 1 to 65535");
  if (!URL.canParse(text)) throw wrong("a URL such as http://localhost:8081");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const near = didYouMean(url.protocol.slice(0, -1), ["http", "https"]);
    throw wrong(`a URL that begins with http:// or https://, not ${url.protocol}//${near}`);
  }
  if (url.username !== "" || url.password !== "") throw wrong("a URL without a user name or password");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw wrong(`an origin without a path, such as ${url.origin}`);
  }
  if (url.port === "0") throw wrong("a port from 1 to 65535");
  return url.origin;
}

/** The longest path of a Unix socket that any system takes, in bytes: Linux's. Others say so when they connect. */
const SOCKET_PATH_BYTES = 107;

function parseSocketPath(path: string, wrong: (expected: string) => ConfigError): string {
  if (path.startsWith("//")) {
    // It looks like a URL with a host, and one socket must not have two names.
    const plain = path.replace(/^\/+/, "/");
    throw wrong(`a path after unix:${plain === "/" ? "" : `; did you mean ${UNIX_SCHEME}${plain}?`}`);
  }
  if (!path.startsWith("/")) throw wrong("the absolute path of a Unix socket, such as unix:/run/app.sock");
  if (path.endsWith("/")) throw wrong("the path of a Unix socket, not of a folder");
  // Names may have any but NUL, but no log or status should have to carry them.
  if (/\p{Cc}/u.test(path)) throw wrong("a path without control characters");
  if (new TextEncoder().encode(path).length > SOCKET_PATH_BYTES) {
    throw wrong(`a path of at most ${SOCKET_PATH_BYTES} bytes`);
  }
  return path;
}
