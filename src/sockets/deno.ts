import { type DenoApi, type DenoConnection, denoApi } from "./deno-api.ts";
import { denoListen } from "./deno-listener.ts";
import { DenoSocket } from "./deno-socket.ts";
import type { Endpoint, SocketFactory, TlsSettings } from "./socket.ts";

/** `Deno.connect`, `Deno.listen` and their relatives. */
export const denoSockets: SocketFactory = {
  connect: (endpoint, events) => DenoSocket.connect(open(endpoint), events),
  async listen(at, accept) {
    return denoListen(at, accept);
  },
};

async function open(endpoint: Endpoint): Promise<DenoConnection> {
  const deno = denoApi();
  if ("path" in endpoint) return deno.connect({ transport: "unix", path: endpoint.path });
  const { hostname, port, tls } = endpoint;
  if (tls === undefined) {
    const connection = await deno.connect({ hostname, port });
    connection.setNoDelay?.(true);
    return connection;
  }
  const connection = await openTls(deno, hostname, port, tls);
  await connection.handshake?.();
  return connection;
}

async function openTls(
  deno: DenoApi,
  hostname: string,
  port: number,
  tls: TlsSettings,
): Promise<DenoConnection> {
  if (!tls.verify) throw new Error("Deno cannot leave certificates unchecked");
  const caCerts = tls.ca === undefined ? {} : { caCerts: [tls.ca] };
  if (tls.cert !== undefined && tls.key !== undefined) {
    if (tls.serverName !== hostname) {
      throw new Error("Deno cannot show a certificate to a server with another name than its host's");
    }
    return deno.connectTls({ hostname, port, ...caCerts, cert: tls.cert, key: tls.key });
  }
  const plain = await deno.connect({ hostname, port });
  return deno.startTls(plain, { hostname: tls.serverName, ...caCerts });
}
