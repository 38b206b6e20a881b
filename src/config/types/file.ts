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

/** Where the balancer is looked into and told what to do, while it runs. Nobody is let in without a token. */
export interface AdminConfig {
  /** The port to listen on; 0 takes a free one. */
  readonly port: number;
  /** The address to listen on. By itself nobody on another machine sees it. Default `"127.0.0.1"`. */
  readonly host?: string;
  /**
   * What every request has to bring along, as `Authorization: Bearer TOKEN`. A file is seen by more eyes than
   * is good for it: `tokenFile` is safer. Default `tokenFile` has it.
   */
  readonly token?: string;
  /** The file with the token, named from the folder of the config file. Default `token` says it. */
  readonly tokenFile?: string;
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
  /** Where the balancer is looked into and told what to do, while it runs. Default: nowhere. */
  readonly admin?: AdminConfig;
  /**
   * Whether the config is read again when its file changes, or a file that it is made of. A mistake in it is
   * told, and changes nothing. Default `false`.
   */
  readonly watch?: boolean;
  /** How log lines look: for people, or one JSON object a line. Default `"pretty"`. */
  readonly logFormat?: "pretty" | "json";
  /** How much is logged: this and what weighs more. Default `"info"`. */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
  /** The longest wait for requests under way at shutdown, in milliseconds. Default 30,000. */
  readonly shutdownTimeoutMs?: number;
}
