import {
  DEFAULT_PORT,
  type EmptyQueue,
  type Listener,
  type ListenOptions,
  listenerUrl,
  type Service,
  serveOn,
} from "../adapters/adapter.ts";
import type { Clock } from "../core/clock.ts";
import { type Deadline, DeadlineWheel } from "../core/deadlines.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { runtimeSockets } from "../sockets/index.ts";
import {
  type ListeningSocket,
  NOBODY,
  type ServerTls,
  type Socket,
  type SocketEvents,
  type SocketFactory,
} from "../sockets/socket.ts";
import { stayAlive, systemClock } from "../system.ts";
import type { Answering } from "./answering.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { Handled } from "./handled.ts";
import type { Relaying } from "./relay-service.ts";
import type { RequestReader } from "./request-reader.ts";
import { type FrontOptions, type FrontSettings, frontSettings } from "./settings.ts";

export type { EmptyQueue, Listener, ListenOptions, Service } from "../adapters/adapter.ts";
export type { Handler } from "../proxy/client.ts";
export type { ServerTls } from "../sockets/socket.ts";
export type { Relaying } from "./relay-service.ts";
export type { FrontOptions } from "./settings.ts";

/** A service that can also have its requests relayed from bytes to bytes, as a load balancer can. */
export interface FrontService extends Service {
  /** Which requests are relayed, and with what; all others, or all if it has none, are `fetch`'s. */
  readonly relay?: Relaying | undefined;
}

/** Where and how the front listens. */
export interface FrontListenOptions extends ListenOptions, FrontOptions {
  /** The certificate and key to show to clients, as PEM. Default: plain TCP. */
  readonly tls?: ServerTls;
  /** Whether other processes of this user may listen on the same port, which Linux alone can. Default false. */
  readonly reusePort?: boolean;
  /** Told when a closing listener takes no more connections; requests may still be under way. Default: nobody. */
  readonly onRefusing?: () => void;
  /** Asked before a listener is closed, since closing resets the connections in its queue. Default: it is just closed. */
  readonly emptyQueue?: EmptyQueue;
}

/**
 * How coarse the time-outs of connections are, in milliseconds. Two of these after `HALF_CLOSED_MS` must not be
 * more than the second within which a backend is told of a client that left.
 */
const TICK_MS = 50;

/**
 * How long a closing listener goes on as before, in milliseconds, so that clients learn from
 * `Connection: close` to use another connection. And how long one whose last answer did not say so, since it had
 * begun before, waits for the next request.
 */
const LINGER_MS = 200;

/**
 * How long a connection that has not carried a request yet waits for one although the listener is closed, in
 * milliseconds: its client has just been let in. The same for the rest of a head.
 */
const FIRST_REQUEST_MS = 1_000;

/** So many clients at once are told that there is no room for them; more are cut, or the limit would be none. */
const MOST_TOLD = 256;

/** How often a closing listener then looks whether its requests are done, in milliseconds. */
const CLOSE_POLL_MS = 20;

/**
 * Serves HTTP/1.1 on the runtime's sockets: requests are relayed from bytes to bytes where the service can have
 * that, and made `Request` and `Response` where it wants to see them. Both go on one connection.
 *
 * Rejects with the runtime's error, whose `code` is `EADDRINUSE` if the port is taken.
 */
export async function listenHttp1(
  service: FrontService,
  options: FrontListenOptions = {},
  clock: Clock = systemClock,
  sockets: SocketFactory = runtimeSockets(),
): Promise<Listener> {
  const { hostname, port = DEFAULT_PORT, tls, reusePort = false } = options;
  const front = new Front(service, frontSettings(options), clock, tls !== undefined);
  const listening = await sockets.listen({ hostname, port, tls, reusePort }, (socket) =>
    front.accept(socket),
  );
  return {
    url: listenerUrl(hostname, listening.port, tls !== undefined),
    port: listening.port,
    fd: listening.fd,
    async close(graceMs) {
      // With the last connection nothing else would hold a program that waits for this.
      const letGo = stayAlive();
      try {
        await front.close(listening, graceMs, options);
      } finally {
        letGo();
      }
    },
  };
}

/**
 * Starts a load balancer, or any other service, and listens for it with `listenHttp1`. Closing the listener
 * drains it.
 */
export async function serve(service: FrontService, options: FrontListenOptions = {}): Promise<Listener> {
  return serveOn(await listenHttp1(service, options), service);
}

/** The connections of one listening socket. */
class Front implements ConnectionHost {
  readonly settings: FrontSettings;
  #isClosing = false;
  readonly #service: FrontService;
  readonly #clock: Clock;
  readonly #wheel: DeadlineWheel;
  readonly #isTls: boolean;
  readonly #connections = new Set<ClientConnection>();

  constructor(service: FrontService, settings: FrontSettings, clock: Clock, isTls: boolean) {
    this.settings = settings;
    this.#service = service;
    this.#clock = clock;
    this.#wheel = new DeadlineWheel(clock, TICK_MS);
    this.#isTls = isTls;
  }

  /** The socket's: somebody connected. */
  accept(socket: Socket): SocketEvents {
    if (this.#connections.size >= this.settings.maxConnections + MOST_TOLD) {
      socket.destroy();
      return NOBODY;
    }
    const connection = new ClientConnection(this, socket, new SocketClient(socket, this.#isTls));
    this.#connections.add(connection);
    return connection;
  }

  /** The time as of the last tick, in milliseconds. */
  get coarseMs(): number {
    return this.#wheel.coarseMs;
  }

  /** Whether each connection's next answer is its last. */
  get isClosing(): boolean {
    return this.#isClosing || this.#service.relay?.isDraining === true;
  }

  get hasRoom(): boolean {
    return this.#connections.size <= this.settings.maxConnections;
  }

  /** A connection's. */
  limit(connection: Deadline, ms: number): void {
    this.#wheel.set(connection, ms);
  }

  /** A connection's. */
  answering(connection: ClientConnection, reader: RequestReader): Answering {
    const { relay, fetch } = this.#service;
    const service = relay?.serviceFor(reader, connection.client);
    return service === undefined ? new Handled(fetch, connection) : connection.relayWith(service);
  }

  /** A connection's. */
  closed(connection: ClientConnection): void {
    this.#wheel.clear(connection);
    this.#connections.delete(connection);
  }

  /** Takes no new connections, lets the requests under way finish, then closes every connection. */
  async close(listening: ListeningSocket, graceMs: number, options: FrontListenOptions): Promise<void> {
    const untilMs = this.#clock.nowMs() + graceMs;
    this.#isClosing = true;
    await this.#wait(Math.min(LINGER_MS, graceMs));
    await options.emptyQueue?.(listening, untilMs - this.#clock.nowMs());
    listening.close();
    options.onRefusing?.();
    while (this.#connections.size > 0 && this.#clock.nowMs() < untilMs) {
      for (const connection of this.#connections) {
        connection.leaveIfQuiet(LINGER_MS + TICK_MS, FIRST_REQUEST_MS + TICK_MS);
      }
      await this.#wait(CLOSE_POLL_MS);
    }
    for (const connection of this.#connections) connection.destroy();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/** A client that is known by its socket. */
class SocketClient implements ClientInfo {
  readonly protocol = "1.1";
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;

  constructor(socket: Socket, tls: boolean) {
    this.address = socket.peerAddress;
    this.port = socket.peerPort;
    this.tls = tls;
  }
}
