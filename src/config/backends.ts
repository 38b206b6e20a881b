import { type BackendSpec, UNIX_SCHEME } from "../core/backend.ts";
import { ConfigError, didYouMean } from "./problem.ts";

/** A backend in the config: its URL, or its URL with options. */
export type BackendConfig =
  | string
  | {
      /** An origin, `http://host:port` or `https://host:port`, or a Unix socket, `unix:/run/app.sock`. */
      readonly url: string;
      /** Share of the traffic relative to the others: a whole number from 1 to 1000. Default 1. */
      readonly weight?: number;
      /** 0 is first choice; tier 1 gets traffic only while no backend of tier 0 is available. Default 0. */
      readonly tier?: number;
    };

const OPTIONS = ["weight", "tier"];

/**
 * Reads a list of backends.
 *
 * @param backends URLs, each with options after a semicolon (`http://a:1;weight=3;tier=1`), or objects.
 * @throws ConfigError for an empty list, a bad URL or option, or the same origin twice.
 */
export function parseBackends(backends: readonly BackendConfig[] | undefined): BackendSpec[] {
  if (backends !== undefined && !Array.isArray(backends)) {
    throw new ConfigError(`backends: found ${JSON.stringify(backends)}, expected a list of URLs`);
  }
  if (backends === undefined || backends.length === 0) {
    throw new ConfigError("backends: found none, expected at least one URL such as http://localhost:8081");
  }
  const specs = backends.map((backend) => parseBackend(backend));
  const seen = new Set<string>();
  for (const { origin } of specs) {
    if (seen.has(origin)) {
      throw new ConfigError(`backends: ${origin} is listed twice, expected each backend once`);
    }
    seen.add(origin);
  }
  return specs;
}

function parseBackend(backend: BackendConfig): BackendSpec {
  if (typeof backend !== "string") {
    checkShape(backend);
    return {
      origin: parseOrigin(backend.url),
      weight: parseWholeNumber("weight", backend.weight ?? 1, backend.url),
      tier: parseWholeNumber("tier", backend.tier ?? 0, backend.url),
    };
  }
  const [url = "", ...options] = backend.split(";").map((part) => part.trim());
  let weight = 1;
  let tier = 0;
  for (const option of options) {
    const isNamed = OPTIONS.includes(option);
    if (isNamed) throw new ConfigError(`backends: ${url} has the option "${option}", expected ${option}=N`);
    const [name = "", value = ""] = option.split("=").map((part) => part.trim());
    if (name === "weight") weight = parseWholeNumber(name, value, url);
    else if (name === "tier") tier = parseWholeNumber(name, value, url);
    else {
      throw new ConfigError(
        `backends: ${url} has the option "${option}", expected weight=N or tier=N${didYouMean(name, OPTIONS)}`,
      );
    }
  }
  return { origin: parseOrigin(url), weight, tier };
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
    if (key === "url" || OPTIONS.includes(key)) continue;
    const near = didYouMean(key, OPTIONS) || ", expected url, weight or tier";
    throw new ConfigError(`backends: ${url} has the unknown key "${key}"${near}`);
  }
}

const RANGES = { weight: [1, 1000], tier: [0, 100] } as const;

function parseWholeNumber(name: keyof typeof RANGES, value: string | number, url: string): number {
  const number = typeof value === "number" ? value : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  const [least, most] = RANGES[name];
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
