import type { BackendSpec } from "../core/backend.ts";
import type { BreakerRules } from "../core/breaker.ts";
import type { ConcurrencyRules } from "../core/concurrency-limit.ts";
import type { EjectionRules } from "../core/ejection.ts";
import type { HedgeRules } from "../core/hedging.ts";
import type { Algorithm } from "../core/picking/index.ts";
import type { PickerFactory } from "../core/picking/picker.ts";
import type { RetryRules } from "../core/retry.ts";
import type { SlowStartRules } from "../core/slow-start.ts";
import type { QueueRules } from "../core/waiting.ts";
import type { Cidr } from "./cidr.ts";
import type { ResolvedMiddleware } from "./middleware/entry.ts";
import type { RouteSettings } from "./routes.ts";

/**
 * What a config comes to: checked, with every default filled in. What a user writes is in types/, made of the
 * schemas; here is what the balancer reads, as plain types, so that a program that uses it needs no schema's types.
 */

/** The methods that a check may use. */
export type ProbeMethod = "GET" | "HEAD" | "OPTIONS";

/** From one status to another, both among them. */
export type StatusRange = readonly [least: number, most: number];

/** What a check asks, how often, and what it takes for an answer to be good. */
export interface ProbeRules {
  readonly path: string;
  /** Whether `/` is asked where `path` meets a connection error or a time-out. */
  readonly fallsBack: boolean;
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

/** How backends are checked. */
export interface ResolvedHealthCheck extends ProbeRules {
  readonly rise: number;
  readonly fall: number;
}

/** One backend. */
export interface ResolvedBackend extends BackendSpec {
  /** How it is checked, if that differs from the others. */
  readonly probe?: ProbeRules;
}

/** What tells one client's requests from another's: a cookie of the balancer's, the address, or a header field. */
export type StickyBy = "cookie" | "ip" | `header:${string}`;

/** When a browser sends a cookie with requests that come from other sites. */
export type SameSite = "lax" | "strict" | "none";

/** Sessions by a cookie. */
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

/** Sessions by something that requests have of themselves. */
export interface ResolvedStickyTable {
  readonly by: Exclude<StickyBy, "cookie">;
  readonly drainGraceMs: number;
  readonly maxSessions: number;
  readonly idleTimeoutMs: number;
}

/** What keeps a client's requests at one backend. */
export type ResolvedSticky = ResolvedStickyCookie | ResolvedStickyTable;

/** How often a request is tried, and how long it may take. */
export interface ResolvedTries extends RetryRules {
  readonly replayLimitBytes: number;
  readonly hedge: HedgeRules | false;
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** In lower case. */
  readonly deadlineHeader: string | false;
}

/** One pool: backends that serve the same, and how requests are balanced over them. */
export interface ResolvedPool extends ResolvedTries {
  readonly backends: readonly ResolvedBackend[];
  readonly algorithm: Algorithm | PickerFactory;
  /** `Infinity` is no limit. */
  readonly hashBalanceFactor: number;
  readonly sticky: ResolvedSticky | false;
  readonly healthCheck: ResolvedHealthCheck | false;
  readonly outlierDetection: EjectionRules | false;
  readonly circuitBreaker: BreakerRules | false;
  readonly slowStart: SlowStartRules | false;
  readonly maxInFlight: number;
  readonly adaptiveConcurrency: ConcurrencyRules | false;
  readonly queue: QueueRules | false;
  readonly overprovisioning: number;
  readonly panicThreshold: number | "auto";
}

/** What holds for all pools. */
export interface ResolvedShared {
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
  readonly statusPath: string | false;
  /** What all requests pass through before what their route says. */
  readonly middleware: readonly ResolvedMiddleware[];
}

/** A config that was checked, with every default filled in. */
export interface ResolvedConfig extends ResolvedShared {
  /** By their names; at least one. Backends at the top of a config are the pool `default`. */
  readonly pools: ReadonlyMap<string, ResolvedPool>;
  /** As in the config; at least one. */
  readonly routes: readonly RouteSettings[];
}
