import { isToken } from "../http1/hop-by-hop.ts";
import { ConfigError, didYouMean } from "./problem.ts";
import { checkKeys, checkObject, checkWord, milliseconds, wholeNumber, yesOrNo } from "./values.ts";

/** What tells one client's requests from another's: a cookie of the balancer's, the address, or a header field. */
export type StickyBy = "cookie" | "ip" | `header:${string}`;

/** When a browser sends a cookie with requests that come from other sites. */
export type SameSite = "lax" | "strict" | "none";

/** What keeps a client's requests at one backend. Every key but `by` has a default. */
export interface StickyConfig {
  readonly by: StickyBy;
  /** The cookie's name. Default `lb`. */
  readonly name?: string;
  /** The paths that the cookie is for. Default `/`. */
  readonly path?: string;
  /** The domain that the cookie is for, its subdomains included. Default: the host that was asked, alone. */
  readonly domain?: string;
  /** Whether the cookie goes over TLS alone. Default: where it was set over TLS. */
  readonly secure?: boolean;
  /** Whether scripts cannot see the cookie. Default true. */
  readonly httpOnly?: boolean;
  /** When a browser sends the cookie with requests that come from other sites. Default `lax`. */
  readonly sameSite?: SameSite;
  /** How long a browser keeps the cookie, in seconds. Default: as long as it runs. */
  readonly maxAgeSeconds?: number;
  /** What the cookie's values are made with: the same wherever they are to be known. Default: one of chance. */
  readonly secret?: string;
  /** How long a backend that drains keeps its sessions, in milliseconds; 0 is not at all. Default 5 minutes. */
  readonly drainGraceMs?: number;
  /** By address or header: the most sessions that are remembered. Default 100,000. */
  readonly maxSessions?: number;
  /** By address or header: how long a session may be quiet until it is forgotten, in milliseconds. Default 30 minutes. */
  readonly idleTimeoutMs?: number;
}

/** Sessions by a cookie, checked, with every default filled in. */
export interface ResolvedStickyCookie {
  readonly by: "cookie";
  readonly name: string;
  readonly path: string;
  /** "" for the host that was asked, alone. */
  readonly domain: string;
  /** Undefined: where it is set over TLS. */
  readonly secure: boolean | undefined;
  readonly httpOnly: boolean;
  readonly sameSite: SameSite;
  /** Undefined: as long as the browser runs. */
  readonly maxAgeSeconds: number | undefined;
  /** Undefined: one of chance. */
  readonly secret: string | undefined;
  readonly drainGraceMs: number;
}

/** Sessions by something that requests have of themselves, checked, with every default filled in. */
export interface ResolvedStickyTable {
  readonly by: Exclude<StickyBy, "cookie">;
  readonly drainGraceMs: number;
  readonly maxSessions: number;
  readonly idleTimeoutMs: number;
}

/** What keeps a client's requests at one backend, checked. */
export type ResolvedSticky = ResolvedStickyCookie | ResolvedStickyTable;

/** The defaults of the keys that have a fixed one. */
export const STICKY_DEFAULTS = {
  name: "lb",
  path: "/",
  httpOnly: true,
  sameSite: "lax",
  drainGraceMs: 300_000,
  maxSessions: 100_000,
  idleTimeoutMs: 1_800_000,
} as const;

const COOKIE_KEYS = [
  "by",
  "name",
  "path",
  "domain",
  "secure",
  "httpOnly",
  "sameSite",
  "maxAgeSeconds",
  "secret",
  "drainGraceMs",
] as const;
const TABLE_KEYS = ["by", "drainGraceMs", "maxSessions", "idleTimeoutMs"] as const;

const SAME_SITES = ["lax", "strict", "none"] as const;

/** The longest that browsers keep a cookie: 400 days (RFC 6265bis §5.5). */
const MOST_AGE_SECONDS = 34_560_000;

/** The fewest characters of a secret: with less, who has one value can find the secret by trying. */
export const LEAST_SECRET_LENGTH = 16;

/** The most sessions that a table may be told to remember: a few GiB. */
const MOST_SESSIONS = 10_000_000;

/**
 * Checks what keeps requests at one backend.
 *
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveSticky(config: StickyConfig | false): ResolvedSticky | false {
  if (config === false) return false;
  checkObject("sticky", config, " or false");
  const { by } = config;
  if (by !== "cookie" && by !== "ip" && !isHeader(by)) {
    throw new ConfigError(
      `sticky.by: found ${JSON.stringify(by)}, expected cookie, ip or header:NAME${didYouMean(String(by), ["cookie", "ip"])}`,
    );
  }
  if (by === "cookie") return resolveCookie(config);
  checkKeys("sticky", config, TABLE_KEYS);
  const { maxSessions, idleTimeoutMs } = STICKY_DEFAULTS;
  return {
    by,
    drainGraceMs: drainGrace(config),
    maxSessions: wholeNumber("sticky.maxSessions", config.maxSessions ?? maxSessions, 1, MOST_SESSIONS),
    idleTimeoutMs: milliseconds("sticky.idleTimeoutMs", config.idleTimeoutMs ?? idleTimeoutMs, 1),
  };
}

function isHeader(by: unknown): by is `header:${string}` {
  return typeof by === "string" && by.startsWith("header:") && isToken(by.slice("header:".length));
}

function resolveCookie(config: StickyConfig): ResolvedStickyCookie {
  checkKeys("sticky", config, COOKIE_KEYS);
  const { domain, secure, maxAgeSeconds, secret } = config;
  const name = config.name ?? STICKY_DEFAULTS.name;
  if (typeof name !== "string" || !isToken(name)) throw mistake("name", name, "the name of a cookie");
  const path = config.path ?? STICKY_DEFAULTS.path;
  if (!matches(path, /^\/[\x21-\x3a\x3c-\x7e]*$/))
    throw mistake("path", path, "a path that begins with /, without ;");
  if (domain !== undefined && !matches(domain, /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i)) {
    throw mistake("domain", domain, "the name of a domain, such as example.com");
  }
  const sameSite = config.sameSite ?? STICKY_DEFAULTS.sameSite;
  checkWord("sticky.sameSite", sameSite, SAME_SITES);
  if (secret !== undefined && (typeof secret !== "string" || secret.length < LEAST_SECRET_LENGTH)) {
    // Not what was found: it is a secret, if a poor one, and this goes into a log.
    throw new ConfigError(`sticky.secret: expected at least ${LEAST_SECRET_LENGTH} characters`);
  }
  return {
    by: "cookie",
    name,
    path,
    domain: domain ?? "",
    secure: resolveSecure(secure, name, sameSite, path === "/" && domain === undefined),
    httpOnly: yesOrNo("sticky.httpOnly", config.httpOnly ?? STICKY_DEFAULTS.httpOnly),
    sameSite,
    maxAgeSeconds:
      maxAgeSeconds === undefined
        ? undefined
        : wholeNumber("sticky.maxAgeSeconds", maxAgeSeconds, 1, MOST_AGE_SECONDS),
    secret,
    drainGraceMs: drainGrace(config),
  };
}

function drainGrace({ drainGraceMs = STICKY_DEFAULTS.drainGraceMs }: StickyConfig): number {
  return milliseconds("sticky.drainGraceMs", drainGraceMs, 0);
}

/** What browsers would refuse is refused here, where somebody is told (RFC 6265bis §4.1.3, §5.7). */
function resolveSecure(
  secure: boolean | undefined,
  name: string,
  sameSite: SameSite,
  isForHost: boolean,
): boolean | undefined {
  if (secure !== undefined) yesOrNo("sticky.secure", secure);
  const isOfHost = /^__Host-/i.test(name);
  const why =
    isOfHost || /^__Secure-/i.test(name) ? `the name ${name}` : sameSite === "none" && "sameSite none";
  if (isOfHost && !isForHost) {
    throw mistake("name", name, "a name that does not begin so, or no domain and the path /");
  }
  if (why === false) return secure;
  if (secure === false) throw mistake("secure", false, `true, as ${why} demands`);
  return true;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function mistake(key: string, found: unknown, expected: string): ConfigError {
  return new ConfigError(`sticky.${key}: found ${JSON.stringify(found)}, expected ${expected}`);
}
