import type { Exchange } from "./exchanges.ts";

/** What the clients of a measurement ask for, and how they use their connections. */

/** Clients that all do the same. */
export interface Traffic {
  readonly exchange: Exchange;
  /** How many connections there are at once. */
  readonly connections: number;
  /** How many requests a client sends before it waits for their answers. */
  readonly pipelined: number;
  /** Whether a connection serves one request after another; if not, each has one of its own. */
  readonly isPersistent: boolean;
  /** Whether the clients speak TLS to the proxy. */
  readonly hasTls: boolean;
}

/** Clients that ask one thing at a time and keep their connection, in plain HTTP. */
export function keepAlive(exchange: Exchange, connections: number): Traffic {
  return { exchange, connections, pipelined: 1, isPersistent: true, hasTls: false };
}

/**
 * The bytes of one request, the same in every run: what makes a request of a table of headers puts them in
 * an order that may be another one in each process, which parsers can tell.
 *
 * @param host The value of `Host`.
 */
export function requestText({ exchange, isPersistent }: Traffic, host: string): string {
  const { path, bodyBytes, headers } = exchange;
  const lines = [
    `${bodyBytes > 0 ? "POST" : "GET"} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(bodyBytes > 0 ? [`Content-Length: ${bodyBytes}`] : []),
    ...(isPersistent ? [] : ["Connection: close"]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${"x".repeat(bodyBytes)}`;
}
