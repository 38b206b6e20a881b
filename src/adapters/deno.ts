import type { ClientInfo, Handler } from "../proxy/client.ts";
import { onAllInterfaces, plainAddress } from "../sockets/address.ts";
import {
  type Adapter,
  DEFAULT_PORT,
  type Listener,
  type ListenOptions,
  listenerUrl,
  type Service,
  serveWith,
} from "./adapter.ts";

export type { Handler } from "../proxy/client.ts";
export type { Adapter, Listener, ListenOptions, Service } from "./adapter.ts";

/** The part of Deno that is used here. */
interface DenoApi {
  serve(
    options: { port: number; hostname: string; onListen(): void; onError(): Response },
    handler: (request: Request, info: { readonly remoteAddr: DenoAddress }) => Promise<Response>,
  ): DenoServer;
}

/** What it gives back. */
interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
  unref(): void;
}

/** The peer of a TCP connection. */
interface DenoAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Serves with `Deno.serve`. What is not finished when the time for closing is over lasts as long as the program
 * does, but no longer keeps it from ending: Deno cannot cut connections once it is shutting down.
 */
export const denoAdapter: Adapter = {
  name: "deno",
  async listen(handler, options) {
    return listen(handler, options);
  },
};

/**
 * Starts a load balancer, or any other service, and listens for it. Closing the listener drains it.
 *
 * @example
 * const listener = await serve(createLoadBalancer({ backends }), { port: 8080 });
 * Deno.addSignalListener("SIGTERM", () => listener.close(30_000));
 */
export function serve(service: Service, options: ListenOptions = {}): Promise<Listener> {
  return serveWith(denoAdapter, service, options);
}

function listen(handler: Handler, options: ListenOptions): Listener {
  const server = serveOn(options, handler);
  const { port } = server.addr;
  return {
    url: listenerUrl(options.hostname, port),
    port,
    async close(graceMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([server.shutdown(), late]);
      clearTimeout(timer);
      server.unref();
    },
  };
}

function serveOn(options: ListenOptions, handler: Handler): DenoServer {
  const serveAt = (hostname: string) =>
    (globalThis as unknown as { Deno: DenoApi }).Deno.serve(
      {
        port: options.port ?? DEFAULT_PORT,
        hostname,
        onListen() {},
        onError: () => new Response(null, { status: 500 }),
      },
      (request, info) => handler(request, new DenoClient(request, info.remoteAddr)),
    );
  return onAllInterfaces(serveAt, options.hostname);
}

/** A client of `Deno.serve`. */
class DenoClient implements ClientInfo {
  readonly protocol = "1.1";
  readonly #request: Request;
  readonly #peer: DenoAddress;

  constructor(request: Request, peer: DenoAddress) {
    this.#request = request;
    this.#peer = peer;
  }

  get address(): string {
    return plainAddress(this.#peer.hostname);
  }

  get port(): number {
    return this.#peer.port;
  }

  get tls(): boolean {
    return this.#request.url.startsWith("https:");
  }
}
