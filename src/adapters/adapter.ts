import type { Handler } from "../proxy/client.ts";

/** Where and how to listen. */
export interface ListenOptions {
  /** 0 for one that is free. Default 8080. */
  readonly port?: number;
  /** An address or name of this machine. Default: all interfaces. */
  readonly hostname?: string;
}

/** A socket that is being listened on. */
export interface Listener {
  /** Where it can be reached from this machine: `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  /** Its file descriptor, where the runtime tells. */
  readonly fd?: number | undefined;
  /**
   * Takes no new connections, lets the requests under way finish, then closes every connection.
   *
   * @param graceMs The longest wait for them, in milliseconds.
   */
  close(graceMs: number): Promise<void>;
}

/**
 * Has a listening socket take no more connections, and waits until those in its queue are accepted: closing it
 * would reset them.
 *
 * @param atMostMs The longest wait, in milliseconds.
 */
export type EmptyQueue = (
  listening: { readonly port: number; readonly fd?: number | undefined },
  atMostMs: number,
) => Promise<void>;

/** What makes a runtime's own server call a handler. */
export interface Adapter {
  readonly name: "bun" | "deno" | "node";
  /** Listens. Rejects with the runtime's error, whose `code` is `EADDRINUSE` if the port is taken. */
  listen(handler: Handler, options: ListenOptions): Promise<Listener>;
}

/** A handler that has work of its own to begin and to end, as a load balancer has its health checks. */
export interface Service {
  readonly fetch: Handler;
  /** Begins it. May be called again. */
  start?(): void;
  /** Ends it, and waits up to so many milliseconds for what is under way. */
  drain?(graceMs: number): Promise<void>;
}

export { DEFAULT_PORT } from "../config/process.ts";

/** Starts a service and listens for it; closing the listener drains the service too. */
export async function serveWith(
  adapter: Adapter,
  service: Service,
  options: ListenOptions,
): Promise<Listener> {
  return serveOn(await adapter.listen(service.fetch, options), service);
}

/** Starts a service that is listened for; closing what this gives drains the service too. */
export function serveOn(listener: Listener, service: Service): Listener {
  service.start?.();
  return {
    url: listener.url,
    port: listener.port,
    async close(graceMs) {
      await Promise.all([service.drain?.(graceMs), listener.close(graceMs)]);
    },
  };
}

/** The URL of a listening socket, with a host that can be connected to. */
export function listenerUrl(hostname: string | undefined, port: number, isTls = false): string {
  const isAny = hostname === undefined || hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${isTls ? "https" : "http"}://${host}:${port}`;
}
