import type { TlsIdentity } from "../core/backend.ts";
import { type CheckTlsConfig, resolveCheckTls } from "./check-tls.ts";
import { ConfigError } from "./problem.ts";
import { checkKeys, checkObject, checkPath, checkWord, filled, milliseconds, wholeNumber } from "./values.ts";

/** How backends are checked: what a check asks, how often, and what it takes. Every key has a default. */
export interface HealthCheckConfig {
  /**
   * What to ask for. Default `/health`, which is no more than a custom: if that path, and none other, meets a
   * connection error or a time-out, `/` is asked as well.
   */
  readonly path?: string;
  /** The port of the backend's host that is asked; 0 is the backend's own. Default 0. */
  readonly port?: number;
  /**
   * What is different in TLS from requests to the same backend; `false`: it is asked in plain text, though it is
   * `https`, such as on a port of its own. Default `{}`: nothing.
   */
  readonly tls?: CheckTlsConfig | false;
  /** `GET`, `HEAD` or `OPTIONS`: a check changes nothing (RFC 9110 §9.2.1). Default `GET`. */
  readonly method?: ProbeMethod;
  /** The `Host` that is asked for. Default: the backend's own host, and the port that is asked. */
  readonly host?: string;
  /** More header fields to send, by name. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The statuses that are good: numbers and ranges, such as `"200-299,404"`, or one number. Default `"200-499"`. */
  readonly status?: string | number;
  /**
   * What a good answer has in its body, within the first 64 KiB, read as UTF-8: a text, or a pattern. Default:
   * nothing, and the body is not read.
   */
  readonly body?: string | RegExp;
  /** Time from one check to the next, in milliseconds, ±10 % so that balancers do not keep step. Default 10,000. */
  readonly intervalMs?: number;
  /** The same while the backend is down, in milliseconds; 0 is `intervalMs`. Default 0. */
  readonly intervalDownMs?: number;
  /** The longest wait for an answer, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Good checks in a row that bring a backend back. Default 1. */
  readonly rise?: number;
  /** Failed checks in a row that take a backend out. Default 1. */
  readonly fall?: number;
}

/** The methods that a check may use. */
export const PROBE_METHODS = ["GET", "HEAD", "OPTIONS"] as const;

/** One of the words above. */
export type ProbeMethod = (typeof PROBE_METHODS)[number];

/** From one status to another, both among them. */
export type StatusRange = readonly [least: number, most: number];

/** What a check asks, how often, and what it takes for an answer to be good; checked, with every default filled in. */
export interface ProbeRules {
  readonly path: string;
  /** Whether `/` is asked where `path` meets a connection error or a time-out. */
  readonly fallsBack: boolean;
  /** 0 for the backend's own. */
  readonly port: number;
  /** What is different in TLS; false for plain TCP. */
  readonly tls: TlsIdentity | false;
  readonly method: ProbeMethod;
  /** "" for the backend's own. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly statuses: readonly StatusRange[];
  /** "" for any. */
  readonly body: string | RegExp;
  readonly intervalMs: number;
  readonly intervalDownMs: number;
  readonly timeoutMs: number;
}

/** A `HealthCheckConfig` that was checked, with every default filled in. */
export interface ResolvedHealthCheck extends ProbeRules {
  readonly rise: number;
  readonly fall: number;
}

/** The default of every key. */
export const HEALTH_CHECK_DEFAULTS = {
  path: "/health",
  port: 0,
  tls: {},
  method: "GET",
  host: "",
  headers: {},
  status: "200-499",
  body: "",
  intervalMs: 10_000,
  intervalDownMs: 0,
  timeoutMs: 2_000,
  rise: 1,
  fall: 1,
} as const satisfies Required<HealthCheckConfig>;

const KEYS = Object.keys(HEALTH_CHECK_DEFAULTS);

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveHealthCheck(config: HealthCheckConfig | false): ResolvedHealthCheck | false {
  if (config === false) return false;
  checkObject("healthCheck", config, " or false");
  checkKeys("healthCheck", config, KEYS);
  return rulesOf("healthCheck", filled<Required<HealthCheckConfig>>(config, HEALTH_CHECK_DEFAULTS));
}

/**
 * Checks what one backend has of its own, and fills in what all have.
 *
 * @param place What to call it in an error.
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveOwnCheck(
  place: string,
  config: HealthCheckConfig,
  all: ResolvedHealthCheck,
): ResolvedHealthCheck {
  checkObject(place, config);
  checkKeys(place, config, KEYS);
  const { statuses, fallsBack: _, ...shared } = all;
  const status = statuses.map((range) => range.join("-")).join(",");
  return rulesOf(place, filled<Required<HealthCheckConfig>>(config, { ...shared, status }));
}

function rulesOf(place: string, config: Required<HealthCheckConfig>): ResolvedHealthCheck {
  const { path, method, host, headers, status, body, intervalMs, intervalDownMs, timeoutMs } = config;
  checkPath(`${place}.path`, path, HEALTH_CHECK_DEFAULTS.path);
  checkWord(`${place}.method`, method, PROBE_METHODS);
  return {
    path,
    fallsBack: path === HEALTH_CHECK_DEFAULTS.path,
    port: wholeNumber(`${place}.port`, config.port, 0, 65_535),
    tls: resolveCheckTls(`${place}.tls`, config.tls),
    method,
    host: hostOf(`${place}.host`, host),
    headers: headersOf(`${place}.headers`, headers),
    statuses: parseStatuses(`${place}.status`, status),
    body: bodyOf(`${place}.body`, body, method),
    intervalMs: milliseconds(`${place}.intervalMs`, intervalMs, 1),
    intervalDownMs: milliseconds(`${place}.intervalDownMs`, intervalDownMs, 0),
    timeoutMs: milliseconds(`${place}.timeoutMs`, timeoutMs, 1),
    rise: wholeNumber(`${place}.rise`, config.rise, 1, 1000),
    fall: wholeNumber(`${place}.fall`, config.fall, 1, 1000),
  };
}

/** `200-299,404` as ranges. */
function parseStatuses(place: string, status: string | number): StatusRange[] {
  return String(status)
    .split(",")
    .map((part) => {
      const match = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/.exec(part.trim());
      const least = Number(match?.[1]);
      const most = Number(match?.[2] ?? match?.[1]);
      if (least <= most) return [least, most];
      throw new ConfigError(`${place}: found "${status}", expected statuses such as 200-399 or 200,204,404`);
    });
}

function hostOf(place: string, host: string): string {
  // What else may not stand in a `Host` is for the backend to say (RFC 9110 §7.2).
  if (typeof host === "string" && /^[\x21-\x7e]*$/.test(host) && !/[,/\\?#@]/.test(host)) return host;
  throw new ConfigError(`${place}: found ${JSON.stringify(host)}, expected a name such as app.example.com`);
}

/** Fields that are of the connection, or that something else here decides. */
const NOT_FREE =
  /^(host|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|content-length|expect)$/i;

function headersOf(
  place: string,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  checkObject(place, headers);
  for (const [name, value] of Object.entries(headers)) {
    const isName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
    if (!isName || NOT_FREE.test(name)) {
      throw new ConfigError(`${place}: found the name "${name}", expected one that a check may send`);
    }
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new ConfigError(
        `${place}: found ${JSON.stringify(value)} for ${name}, expected a text in one line`,
      );
    }
  }
  return headers;
}

function bodyOf(place: string, body: string | RegExp, method: ProbeMethod): string | RegExp {
  if (typeof body !== "string" && !(body instanceof RegExp)) {
    throw new ConfigError(`${place}: found ${JSON.stringify(body)}, expected a text or a pattern`);
  }
  if (body !== "" && method === "HEAD") {
    throw new ConfigError(
      `${place}: found ${JSON.stringify(String(body))}, but the answer to a HEAD has no body`,
    );
  }
  return body;
}
