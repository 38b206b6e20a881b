import {
  DEFAULT_CONNECTIONS,
  HEAD_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_BODY_TIMEOUT_MS,
} from "../config/process.ts";
import { DEFAULT_LIMITS, type Limits } from "../http1/limits.ts";

/** What the front allows its clients. Every key has a default. */
export interface FrontOptions {
  /** The longest wait for a request's head, from its first byte, in milliseconds. Default 60,000, as nginx's `client_header_timeout`. */
  readonly headTimeoutMs?: number;
  /** The longest silence in the middle of a request's body, in milliseconds. Default 60,000, as nginx's `client_body_timeout`. */
  readonly bodyTimeoutMs?: number;
  /** How long a connection may be idle between requests, in milliseconds. Default 75,000, as nginx's `keepalive_timeout`. */
  readonly keepAliveMs?: number;
  /** The longest time in which a client takes nothing of what is sent to it, in milliseconds. Default 60,000, as nginx's `send_timeout`. */
  readonly writeTimeoutMs?: number;
  /** Connections at once; one more is answered with 503 and closed. Default 65,536. */
  readonly maxConnections?: number;
  /** What may be how long in a request. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
}

/** The same with every default filled in. */
export type FrontSettings = Required<FrontOptions>;

/** What holds for those who say nothing else. */
export const FRONT_DEFAULTS: FrontSettings = {
  headTimeoutMs: HEAD_TIMEOUT_MS,
  bodyTimeoutMs: REQUEST_BODY_TIMEOUT_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  writeTimeoutMs: 60_000,
  maxConnections: DEFAULT_CONNECTIONS,
  limits: DEFAULT_LIMITS,
};

/** Fills in the defaults. */
export function frontSettings(options: FrontOptions): FrontSettings {
  return { ...FRONT_DEFAULTS, ...options };
}
