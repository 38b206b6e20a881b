import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Certificates } from "../transport/http1/certificates.ts";
import { Cut, Wire } from "./wire.ts";

/** A request as it came to a TLS backend. */
export interface SecureRequest {
  readonly target: string;
  /** The name that its connection asked for (SNI); undefined for none. */
  readonly serverName: string | undefined;
  /** Whether its connection showed a certificate of the authority's. */
  readonly isAuthorized: boolean;
}

/** A backend that speaks TLS: it notes who asks, and answers `ok` to everything. */
export class TlsBackend {
  readonly seen: SecureRequest[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #wires = new Set<Wire>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /**
   * Listens on 127.0.0.1 with the server's certificate.
   *
   * @param isStrict Whether it ends handshakes without a certificate of the authority's. Default false.
   */
  static async listen({ ca, server: own }: Certificates, isStrict = false): Promise<TlsBackend> {
    const server = createServer({ ...own, ca, requestCert: true, rejectUnauthorized: isStrict });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const backend = new TlsBackend(server);
    server.on("secureConnection", (socket) => void backend.#serve(socket));
    return backend;
  }

  /** By the address, which the certificate is for. */
  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** By a name that it is not for. */
  get misnamedUrl(): string {
    return `https://localhost:${this.port}`;
  }

  /** Stops listening and closes every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const wire of this.#wires) wire.destroy();
    await closed;
  }

  async #serve(socket: TLSSocket): Promise<void> {
    const wire = new Wire(socket);
    this.#wires.add(wire);
    socket.once("close", () => this.#wires.delete(wire));
    // The name is false where none was asked for.
    const serverName = socket.servername || undefined;
    try {
      for (;;) {
        const { target } = await wire.head(60_000);
        this.seen.push({ target, serverName, isAuthorized: socket.authorized });
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    } catch (error) {
      // A client that leaves is the end of every connection.
      if (!(error instanceof Cut)) throw error;
    }
  }
}
