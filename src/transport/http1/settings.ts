import { CONNECT_TIMEOUT_MS, MAX_PENDING } from "../../config/process.ts";
import { DEFAULT_LIMITS, type Limits } from "../../http1/limits.ts";
import type { BackendTlsOptions } from "../backend-tls.ts";

/** How backends are spoken to. Every key has a default. */
export interface Http1Options {
  /**
   * How long a connection without a request is kept where the backend does not say, in milliseconds. Default
   * 4000, below the 5 s after which common servers close one.
   */
  readonly idleMs?: number;
  /** Connections without a request that are kept for each backend. Default 1024. */
  readonly maxIdle?: number;
  /** Connections to each backend. Default 8192. */
  readonly maxOpen?: number;
  /**
   * Requests that wait for one of these, be it that it is being made or that one is to become free, for each
   * backend; one more has no room there, and is tried elsewhere (Envoy's `max_pending_requests`). Default 8192.
   */
  readonly maxPending?: number;
  /** The longest wait for a connection to be made, TLS included, in milliseconds. Default 5000. */
  readonly connectTimeoutMs?: number;
  /** What may be how long in an answer. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** For backends whose origin is `https`. Deno cannot leave certificates unchecked. */
  readonly tls?: BackendTlsOptions;
}

/** The same with every default filled in. */
export type Settings = Required<Http1Options>;

/** Fills in the defaults. */
export function settingsOf(options: Http1Options): Settings {
  return {
    idleMs: 4_000,
    maxIdle: 1_024,
    maxOpen: 8_192,
    maxPending: MAX_PENDING,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    limits: DEFAULT_LIMITS,
    tls: {},
    ...options,
  };
}
