import { connect, isIP, type Socket as NetSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import { nodeListen } from "./node-listener.ts";
import { NodeSocket } from "./node-socket.ts";
import type { Endpoint, SocketFactory } from "./socket.ts";

/** `node:net` and `node:tls`. */
export const nodeSockets: SocketFactory = {
  connect: (endpoint, events) => NodeSocket.connect(open(endpoint), endpoint, events),
  listen: nodeListen,
};

function open(endpoint: Endpoint): NetSocket {
  if ("path" in endpoint) return connect({ path: endpoint.path, allowHalfOpen: true });
  const { hostname, port, tls } = endpoint;
  if (tls === undefined) return connect({ host: hostname, port, allowHalfOpen: true });
  const secure = connectTls({
    host: hostname,
    port,
    // Addresses may not be asked for by SNI; they are checked against the certificate all the same.
    ...(isIP(tls.serverName) === 0 ? { servername: tls.serverName } : {}),
    rejectUnauthorized: tls.verify,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  });
  secure.allowHalfOpen = true;
  return secure;
}
