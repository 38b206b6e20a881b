import type { Backend } from "../core/backend.ts";
import type { Clock } from "../core/clock.ts";
import { DeadlineWheel } from "../core/deadlines.ts";
import { runtimeSockets } from "../sockets/index.ts";
import type { Endpoint, SocketFactory } from "../sockets/socket.ts";
import { systemClock } from "../system.ts";
import { http1Failure } from "./http1/failure.ts";
import { outgoing } from "./http1/outgoing.ts";
import { BackendPool, type PoolState } from "./http1/pool.ts";
import { ResponseSending } from "./http1/response-sending.ts";
import type { Sending } from "./http1/sending.ts";
import { type Http1Options, type Settings, settingsOf } from "./http1/settings.ts";
import type { ExchangeHooks, OutboundRequest, Transport, TransportFailure } from "./transport.ts";

export type { BackendTlsOptions } from "./backend-tls.ts";
export type { PoolState } from "./http1/pool.ts";
export type { Http1Options } from "./http1/settings.ts";

/** How coarse the time is after which a request's signal is listened to, in milliseconds. */
const TICK_MS = 10;

/**
 * Backends reached with an HTTP/1.1 client of our own on the runtime's sockets. It sends what it is given and
 * nothing else, decodes nothing, never sends a request twice that must not be, and says of every failure
 * whether the backend may have seen the request.
 */
export class Http1Transport implements Transport {
  readonly name = "http1";
  readonly followsBodies = true;
  readonly knowsIdentities = true;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #sockets: SocketFactory;
  readonly #wheel: DeadlineWheel;
  /** Weak, so that a backend that has left takes its pool along once the last connection is closed. */
  readonly #pools = new WeakMap<Backend, BackendPool>();

  constructor(options: Http1Options, clock: Clock, sockets: SocketFactory) {
    this.#settings = settingsOf(options);
    this.#clock = clock;
    this.#sockets = sockets;
    this.#wheel = new DeadlineWheel(clock, TICK_MS);
  }

  send(backend: Backend, outbound: OutboundRequest, hooks: ExchangeHooks): Promise<Response> {
    const nowMs = this.#clock.nowMs();
    let sending: ResponseSending;
    try {
      sending = new ResponseSending(outbound, outgoing(outbound), hooks, this.#wheel, nowMs);
    } catch (error) {
      return Promise.reject(error);
    }
    this.dispatch(backend, sending, nowMs);
    return sending.response;
  }

  /** Gives a request to a connection of the backend's, or to the queue for one. */
  dispatch(backend: Backend, sending: Sending, nowMs: number): void {
    this.#poolOf(backend).send(sending, nowMs);
  }

  failure(error: unknown): TransportFailure {
    return http1Failure(error);
  }

  /** How the connections to a backend are. */
  state(backend: Backend): PoolState {
    return this.#pools.get(backend)?.state ?? { open: 0, idle: 0, waiting: 0 };
  }

  #poolOf(backend: Backend): BackendPool {
    const known = this.#pools.get(backend);
    if (known !== undefined) return known;
    const endpoint = endpointOf(backend, this.#settings);
    const pool = new BackendPool(endpoint, this.#sockets, this.#clock, this.#settings);
    this.#pools.set(backend, pool);
    return pool;
  }
}

/** The transport above, on the sockets of the runtime that this runs in. */
export function http1Transport(options: Http1Options = {}, clock: Clock = systemClock): Http1Transport {
  return new Http1Transport(options, clock, runtimeSockets());
}

function endpointOf({ origin, socketPath, tls: own }: Backend, settings: Settings): Endpoint {
  const tls = { ...settings.tls, ...own };
  if (socketPath !== "") return { path: socketPath };
  const url = new URL(origin);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "https:";
  return {
    hostname,
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    tls: isTls
      ? {
          serverName: tls.serverName ?? hostname,
          ca: tls.ca,
          cert: tls.cert,
          key: tls.key,
          verify: tls.verify ?? true,
        }
      : undefined,
  };
}
