import { CONNECT_TIMEOUT_MS } from "../../config/process.ts";
import { DEFAULT_LIMITS, type Limits } from "../../http1/limits.ts";

/** How TLS backends are spoken to. PEM is the text form of certificates and keys (RFC 7468). */
export interface Http1TlsOptions {
  /** The authorities that are believed, as PEM. Default: the system's. */
  readonly ca?: string;
  /** This side's certificate and its chain, as PEM. Default: none is shown. */
  readonly cert?: string;
  /** The key for it, as PEM. */
  readonly key?: string;
  /** The name to ask for and to check, for every backend. Default: each one's own host. */
  readonly serverName?: string;
  /** False believes any certificate. Not in Deno, which cannot. Default true. */
  readonly verify?: boolean;
}

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
  /** Requests that wait for one of these, for each backend. Default 8192. */
  readonly maxWaiting?: number;
  /** The longest wait for a connection to be made, TLS included, in milliseconds. Default 5000. */
  readonly connectTimeoutMs?: number;
  /** What may be how long in an answer. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** For backends whose origin is `https`. */
  readonly tls?: Http1TlsOptions;
}

/** The same with every default filled in. */
export type Settings = Required<Http1Options>;

/** Fills in the defaults. */
export function settingsOf(options: Http1Options): Settings {
  return {
    idleMs: 4_000,
    maxIdle: 1_024,
    maxOpen: 8_192,
    maxWaiting: 8_192,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    limits: DEFAULT_LIMITS,
    tls: {},
    ...options,
  };
}
