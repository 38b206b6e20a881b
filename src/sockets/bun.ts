import { onAllInterfaces } from "./address.ts";
import { BUN_HANDLERS, BunSocket } from "./bun-socket.ts";
import {
  type Accept,
  type Endpoint,
  type ListenAt,
  type ListeningSocket,
  NOBODY,
  type Socket,
  type SocketEvents,
  type SocketFactory,
  type TlsSettings,
} from "./socket.ts";

/** `Bun.connect` and `Bun.listen`. */
export const bunSockets: SocketFactory = {
  connect,
  listen(at, accept) {
    // A port that is taken is thrown by Bun.listen; the contract is a promise.
    return new Promise((resolve) => resolve(listen(at, accept)));
  },
};

/** The protocols that a client may choose from (ALPN, RFC 7301 §3.1): a length before each name. */
const HTTP1_ALPN = "\x08http/1.1";

/** What Bun's types do not have. */
interface BunListenOptions extends Bun.TCPSocketListenOptions<BunSocket> {
  reusePort: boolean;
}

function connect(endpoint: Endpoint, events: SocketEvents): Socket {
  if ("path" in endpoint) {
    const socket = new BunSocket(events, false, true);
    Bun.connect({
      unix: endpoint.path,
      allowHalfOpen: true,
      data: socket,
      socket: BUN_HANDLERS,
    }).catch(ignoreToldError);
    return socket;
  }
  const { hostname, port, tls } = endpoint;
  const socket = new BunSocket(events, tls !== undefined, tls?.verify ?? true);
  const options: Bun.TCPSocketConnectOptions<BunSocket> = {
    hostname,
    port,
    allowHalfOpen: true,
    data: socket,
    socket: BUN_HANDLERS,
  };
  // Bun takes an empty object for no TLS at all, so the name is always there.
  if (tls !== undefined) options.tls = tlsOptions(tls);
  Bun.connect(options).catch(ignoreToldError);
  return socket;
}

function tlsOptions({ serverName, ca, cert, key, verify }: TlsSettings): Bun.TLSOptions {
  return {
    serverName,
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What `Bun.connect` rejects with was told to `connectError` before. */
function ignoreToldError(): void {}

function listen({ hostname, port, tls, reusePort }: ListenAt, accept: Accept): ListeningSocket {
  const isTls = tls !== undefined;
  const options: Omit<BunListenOptions, "hostname"> = {
    port,
    reusePort,
    allowHalfOpen: true,
    ...(isTls ? { tls: { ...tls, ALPNProtocols: HTTP1_ALPN } } : {}),
    socket: {
      ...BUN_HANDLERS,
      open(socket) {
        const accepted = new BunSocket(NOBODY, isTls, true);
        socket.data = accepted;
        accepted.onAccept(socket, accept);
      },
    },
  };
  const listener = onAllInterfaces((at) => Bun.listen({ ...options, hostname: at }), hostname);
  return {
    port: listener.port,
    // Not in Bun's types.
    fd: (listener as { fd?: number }).fd,
    close: () => listener.stop(),
  };
}
