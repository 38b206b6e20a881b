// Written by `npm run docs` from the schemas: change those.

/** How checks of `https` backends are different from requests in TLS. */
export interface CheckTlsConfig {
  /**
   * The name to ask for, and to check the certificate by. With the transport `fetch`, in Bun alone. Default:
   * as for requests.
   */
  readonly serverName?: string;
  /** `false` believes any certificate. Default: as for requests. */
  readonly verify?: boolean;
}

/** How backends are checked. */
export interface HealthCheckConfig {
  /**
   * What to ask for. `/health` is no more than a custom: if that path, and none other, meets a connection
   * error or a time-out, `/` is asked as well. Default `"/health"`.
   */
  readonly path?: string;
  /**
   * The port of the backend's host that is asked; 0 is the backend's own. Not for Unix sockets. Default 0.
   */
  readonly port?: number;
  /**
   * What is different in TLS from requests to the same backend; `false`: it is asked in plain text, though it
   * is `https`, such as on a port of its own. Default: on, with its own defaults.
   */
  readonly tls?: CheckTlsConfig | false;
  /** How to ask: a check changes nothing (RFC 9110 §9.2.1). Default `"GET"`. */
  readonly method?: "GET" | "HEAD" | "OPTIONS";
  /** The `Host` that is asked for. Default: the backend's own host, and the port that is asked. */
  readonly host?: string;
  /** More header fields to send, by name. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The statuses that are good: numbers and ranges, such as `200-299,404`, or one number. Default
   * `"200-499"`.
   */
  readonly status?: string | number;
  /**
   * What a good answer has in its body, within the first 64 KiB, read as UTF-8: a text, or a `RegExp`, which
   * is `{ pattern, flags }` in a file. Default: nothing, and the body is not read.
   */
  readonly body?: string | RegExp | { readonly pattern: string; readonly flags?: string };
  /**
   * Time from one check to the next, in milliseconds, ±10 % so that balancers do not keep step. Default
   * 10,000.
   */
  readonly intervalMs?: number;
  /** The same while the backend is down, in milliseconds; 0 is `intervalMs`. Default 0. */
  readonly intervalDownMs?: number;
  /** The longest wait for an answer, in milliseconds. Default 2000. */
  readonly timeoutMs?: number;
  /** Good checks in a row that bring a backend back. Default 1. */
  readonly rise?: number;
  /** Failed checks in a row that take a backend out. Default 1. */
  readonly fall?: number;
}
