import type { ClientInfo, Handler } from "../proxy/client.ts";
import { plainAddress } from "../sockets/address.ts";
import {
  type Adapter,
  DEFAULT_PORT,
  type EmptyQueue,
  type Listener,
  type ListenOptions,
  listenerUrl,
  type Service,
  serveWith,
} from "./adapter.ts";

export type { Handler } from "../proxy/client.ts";
export type { Adapter, Listener, ListenOptions, Service } from "./adapter.ts";

/** How long a connection may be idle between requests, in seconds: nginx's `keepalive_timeout`. */
const IDLE_SECONDS = 75;

/**
 * How long a closing listener goes on as before, in milliseconds, so that clients learn from
 * `Connection: close` to use another one: `server.stop()` shuts idle connections at once, and a request
 * that was just being sent on one of them would be lost.
 */
const LINGER_MS = 200;

/** How often a closing listener then looks whether its requests are done. */
const CLOSE_POLL_MS = 20;

/** What `Bun.serve` can do beside what every runtime can. */
export interface BunListenOptions extends ListenOptions {
  /** The certificate with its chain and the key to show to clients, as PEM. Default: plain TCP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether other processes of this user may listen on the same port, which Linux alone can. Default false. */
  readonly reusePort?: boolean;
  /** Told when a closing listener takes no more connections; requests may still be under way. Default: nobody. */
  readonly onRefusing?: () => void;
  /** Asked before a listener is closed, since closing resets the connections in its queue. Default: it is just closed. */
  readonly emptyQueue?: EmptyQueue;
}

/** The adapter of Bun, with its own options. */
export interface BunAdapter extends Adapter {
  listen(handler: Handler, options: BunListenOptions): Promise<Listener>;
}

/** Serves with `Bun.serve`. */
export const bunAdapter: BunAdapter = {
  name: "bun",
  listen(handler, options) {
    // A busy port is thrown by Bun.serve; the contract is a promise.
    return new Promise((resolve) => resolve(listen(handler, options)));
  },
};

/**
 * Starts a load balancer, or any other service, and listens for it. Closing the listener drains it.
 *
 * @example
 * const listener = await serve(createLoadBalancer({ backends }), { port: 8080 });
 * process.once("SIGTERM", () => listener.close(30_000));
 */
export function serve(service: Service, options: ListenOptions = {}): Promise<Listener> {
  return serveWith(bunAdapter, service, options);
}

function listen(handler: Handler, options: BunListenOptions): Listener {
  const server = Bun.serve({
    port: options.port ?? DEFAULT_PORT,
    ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
    ...(options.tls === undefined ? {} : { tls: { cert: options.tls.cert, key: options.tls.key } }),
    reusePort: options.reusePort === true,
    // Else it writes what broke an answer's body to the standard error, over whatever the program logs.
    development: false,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, server) => handler(request, new BunClient(request, server)),
    // An answer whose body broke before Bun has sent its head.
    error: () => new Response(null, { status: 502 }),
  });
  const port = server.port as number;
  return {
    url: listenerUrl(options.hostname, port, options.tls !== undefined),
    port,
    async close(graceMs) {
      const until = performance.now() + graceMs;
      await Bun.sleep(Math.min(LINGER_MS, graceMs));
      await options.emptyQueue?.({ port }, until - performance.now());
      // Its promise would also wait for clients that never finish their request.
      void server.stop();
      options.onRefusing?.();
      while (server.pendingRequests > 0 && performance.now() < until) await Bun.sleep(CLOSE_POLL_MS);
      await server.stop(true);
    },
  };
}

/** A client of `Bun.serve`: what costs anything is worked out only if it is asked for. */
class BunClient implements ClientInfo {
  readonly protocol = "1.1";
  readonly #request: Request;
  readonly #server: Bun.Server<unknown>;

  constructor(request: Request, server: Bun.Server<unknown>) {
    this.#request = request;
    this.#server = server;
  }

  get address(): string {
    return plainAddress(this.#server.requestIP(this.#request)?.address ?? "");
  }

  get port(): number {
    return this.#server.requestIP(this.#request)?.port ?? 0;
  }

  get tls(): boolean {
    return this.#request.url.startsWith("https:");
  }

  hold(): void {
    this.#server.timeout(this.#request, 0);
  }

  release(): void {
    this.#server.timeout(this.#request, IDLE_SECONDS);
  }
}
