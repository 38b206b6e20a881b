import { type AddressInfo, createServer, type Socket as NetSocket, type Server } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { NodeSocket } from "./node-socket.ts";
import type { Accept, ListenAt, ListeningSocket, ServerTls } from "./socket.ts";

/** Listens with `node:net`, and shakes hands with `node:tls`. Rejects with Node's error if it cannot. */
export async function nodeListen(at: ListenAt, accept: Accept): Promise<ListeningSocket> {
  const { hostname, port, tls, reusePort } = at;
  const take =
    tls === undefined
      ? (socket: NetSocket) => NodeSocket.accept(socket, accept)
      : new Handshakes(tls, accept).take;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, take);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, reusePort, ...(hostname === undefined ? {} : { host: hostname }) }, resolve);
  });
  server.removeAllListeners("error");
  // From now on it tells of connections that could not be accepted: those that are there must not suffer.
  server.on("error", () => {});
  return new NodeListening(server);
}

class NodeListening implements ListeningSocket {
  readonly port: number;
  readonly fd = undefined;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

/**
 * The handshakes under way. Node tells of a connection when it is accepted and again when its handshake is done,
 * but not that the two are the same; that they have the same two ends does.
 */
class Handshakes {
  readonly #server: TlsServer;
  readonly #accept: Accept;
  /** One for each connection whose handshake is not done. */
  readonly #waiting = new Map<string, NodeSocket>();

  constructor({ cert, key }: ServerTls, accept: Accept) {
    this.#accept = accept;
    this.#server = createTlsServer({ cert, key, ALPNProtocols: ["http/1.1"] });
    this.#server.on("secureConnection", (secure) => {
      const socket = this.#waiting.get(endsOf(secure));
      this.#waiting.delete(endsOf(secure));
      secure.allowHalfOpen = true;
      if (socket === undefined) secure.destroy();
      else socket.secured(secure);
    });
    this.#server.on("tlsClientError", (error, secure) => this.#waiting.get(endsOf(secure))?.failed(error));
  }

  /** Takes a connection that was just accepted. */
  readonly take = (plain: NetSocket): void => {
    const ends = endsOf(plain);
    const socket = NodeSocket.acceptTls(plain, this.#accept);
    // Lost or refused already. Without its address it could be mistaken for another.
    if (plain.destroyed || plain.remoteAddress === undefined) {
      plain.destroy();
      return;
    }
    this.#waiting.set(ends, socket);
    plain.once("close", () => {
      if (this.#waiting.get(ends) === socket) this.#waiting.delete(ends);
    });
    // One that ends before its handshake is done must not stay.
    plain.allowHalfOpen = false;
    this.#server.emit("connection", plain);
  };
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: NetSocket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
