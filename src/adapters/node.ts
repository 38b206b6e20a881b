import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ClientInfo, Handler } from "../proxy/client.ts";
import { plainAddress } from "../sockets/address.ts";
import {
  type Adapter,
  DEFAULT_PORT,
  type Listener,
  type ListenOptions,
  listenerUrl,
  type Service,
  serveWith,
} from "./adapter.ts";
import { NodeRequest } from "./node-request.ts";
import { writeResponse } from "./node-response.ts";

export type { Handler } from "../proxy/client.ts";
export type { Adapter, Listener, ListenOptions, Service } from "./adapter.ts";

/** How long a connection may be idle between requests: nginx's `keepalive_timeout`. */
const IDLE_MS = 75_000;

/** How long what is left of an unwanted body is read, after its answer: nginx's `lingering_timeout`. */
const LINGER_MS = 5_000;

/** Serves with `node:http`. */
export const nodeAdapter: Adapter = {
  name: "node",
  async listen(handler, options) {
    const server = createServer(toNodeHandler(handler));
    // Long uploads and quiet answers are none of the server's business; slow heads are (headersTimeout).
    server.requestTimeout = 0;
    server.keepAliveTimeout = IDLE_MS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? DEFAULT_PORT, options.hostname, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new NodeListener(server, options);
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
  return serveWith(nodeAdapter, service, options);
}

/**
 * Makes a listener for `node:http`'s `request` event, which is also what Express and its like mount. Where a
 * router cuts the path it is mounted at from `req.url`, the backends get the rest.
 *
 * @param service A load balancer, or a handler alone. Nothing that stands before it may have read the body.
 */
export function toNodeHandler(
  service: Service | Handler,
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const handler = typeof service === "function" ? service : service.fetch;
  return (incoming, outgoing) => void answer(handler, incoming, outgoing);
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.once("finish", () => linger(incoming));
  let request: Request;
  try {
    request = new NodeRequest(incoming, outgoing);
  } catch {
    // Target and Host make no URL.
    outgoing.writeHead(400, ["content-length", "0", "connection", "close"]).end();
    return;
  }
  try {
    await writeResponse(await handler(request, new NodeClient(incoming)), outgoing);
  } catch (error) {
    // A handler never rejects; an answer that cannot be written must not pass for one.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500, ["content-length", "0", "connection", "close"]).end();
    console.error(error);
  }
}

/**
 * An answer can be over before its request is. To close then would reset the connection and could lose the
 * answer on its way, so the rest is read and dropped for a while.
 */
function linger(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  incoming.resume();
  const timer = setTimeout(() => incoming.destroy(), LINGER_MS);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
}

/** A listening `node:http` server, and how it ends. */
class NodeListener implements Listener {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isClosing = false;

  constructor(server: Server, options: ListenOptions) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = listenerUrl(options.hostname, this.port);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.prependListener("request", (_incoming, outgoing: ServerResponse) => {
      if (this.#isClosing) outgoing.shouldKeepAlive = false;
      outgoing.once("close", () => {
        // Its connection counts as idle only after this turn.
        if (this.#isClosing) setImmediate(() => this.#server.closeIdleConnections());
      });
    });
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // To Node a connection that never sent a byte is waiting for its request, not idle.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
  }
}

/** A client of `node:http`. */
class NodeClient implements ClientInfo {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  get address(): string {
    return plainAddress(this.#incoming.socket.remoteAddress ?? "");
  }

  get port(): number {
    return this.#incoming.socket.remotePort ?? 0;
  }

  get tls(): boolean {
    return "encrypted" in this.#incoming.socket;
  }

  get protocol(): string {
    return this.#incoming.httpVersion;
  }
}
