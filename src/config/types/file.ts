// Written by `npm run docs` from the schemas: change those.
import type { LoadBalancerConfig } from "./config.ts";

/** What clients are shown when they speak TLS. The files are named from the folder of the config file. */
export interface ListenerTlsConfig {
  /** The file with the certificate and its chain, as PEM. */
  readonly cert: string;
  /** The file with the key for it, as PEM. */
  readonly key: string;
}

/** Where clients are listened for, and how their connections are taken. */
export interface ListenerConfig {
  /** The port to listen on; 0 takes a free one. Default 8080. */
  readonly port?: number;
  /** The address to listen on. Default: all interfaces. */
  readonly host?: string;
  /** Clients speak TLS, with this certificate. Default: plain TCP. */
  readonly tls?: ListenerTlsConfig;
  /**
   * What takes clients' connections: `http1` is lb's own and relays bytes as they are, `web` is the runtime's
   * server. Default `"http1"`.
   */
  readonly front?: "web" | "http1";
  /**
   * Clients' connections at once, in each worker; one more is answered 503. Only with the front `http1`.
   * Default 65,536.
   */
  readonly maxConnections?: number;
  /**
   * The longest wait for a request's head from its first byte, in milliseconds. Only with the front `http1`.
   * Default 60,000.
   */
  readonly headTimeoutMs?: number;
  /**
   * The longest silence in the middle of a request's body, in milliseconds. Only with the front `http1`.
   * Default 60,000.
   */
  readonly bodyTimeoutMs?: number;
  /**
   * The longest wait for a connection's next request, in milliseconds. Only with the front `http1`. Default
   * 75,000.
   */
  readonly keepAliveTimeoutMs?: number;
}

/**
 * How `https` backends are spoken to, by requests and checks alike. The files are named from the folder of
 * the config file.
 */
export interface BackendTlsConfig {
  /**
   * The file with the certificates of those who vouch for backends' certificates, as PEM. Default: those that
   * the system believes.
   */
  readonly ca?: string;
  /** The file with the certificate that backends are shown, and its chain, as PEM. Default: none. */
  readonly cert?: string;
  /** The file with the key for it, as PEM. Default: none. */
  readonly key?: string;
  /** The name that backends are asked for, and their certificates for. Default: each one's host. */
  readonly serverName?: string;
  /** Whether backends' certificates are checked; `false` believes any. Default `true`. */
  readonly verify?: boolean;
}

/** A config file: a load balancer, and the process that it runs in. */
export interface FileConfig extends LoadBalancerConfig {
  /**
   * Where editors find the JSON Schema of this file, which `lb schema` prints. It says nothing to the
   * balancer. Default: nowhere.
   */
  readonly $schema?: string;
  /** Where clients are listened for. Default `[{}]`. */
  readonly listeners?: readonly ListenerConfig[];
  /** Processes that share the ports, on Linux; `auto` is one a CPU. Default 1. */
  readonly workers?: "auto" | number;
  /** How backends are reached: `http1` is lb's own client, `fetch` the runtime's. Default `"http1"`. */
  readonly transport?: "fetch" | "http1";
  /**
   * The longest wait for a connection to a backend, TLS included, in milliseconds. Only with the transport
   * `http1`. Default 5000.
   */
  readonly connectTimeoutMs?: number;
  /**
   * The most requests that wait for a connection to each backend, in each worker; one more goes elsewhere.
   * Only with the transport `http1`. Default 8192.
   */
  readonly maxPending?: number;
  /** How `https` backends are spoken to. Default: on, with its own defaults. */
  readonly backendTls?: BackendTlsConfig;
  /** How log lines look: for people, or one JSON object a line. Default `"pretty"`. */
  readonly logFormat?: "pretty" | "json";
  /** How much is logged: this and what weighs more. Default `"info"`. */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
  /** The longest wait for requests under way at shutdown, in milliseconds. Default 30,000. */
  readonly shutdownTimeoutMs?: number;
}
