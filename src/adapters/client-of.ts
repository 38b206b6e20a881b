import type { ClientInfo } from "../proxy/client.ts";
import { plainAddress } from "../sockets/address.ts";

/** What `Bun.serve` gives its handler as a second argument, as far as it is used here. */
interface BunServer {
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
}

/** What `Deno.serve` gives its handler as a second argument. */
interface DenoServeInfo {
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
}

/**
 * What is known of the client, from what a server gave its handler beside the request: our own adapters'
 * `ClientInfo`, Bun's server, Deno's info. Undefined for anything else, or nothing.
 */
export function clientOf(request: Request, hint: unknown): ClientInfo | undefined {
  if (typeof hint !== "object" || hint === null) return undefined;
  // Bun's server has an address of its own, so it is asked for first.
  if ("requestIP" in hint) {
    const peer = (hint as BunServer).requestIP(request);
    return peer === null ? undefined : plainClient(request, peer.address, peer.port);
  }
  if ("remoteAddr" in hint) {
    const { hostname, port } = (hint as DenoServeInfo).remoteAddr;
    return hostname === undefined ? undefined : plainClient(request, hostname, port ?? 0);
  }
  // Not by its value: an adapter may work the address out only when asked, and that costs.
  return "address" in hint ? (hint as ClientInfo) : undefined;
}

function plainClient(request: Request, address: string, port: number): ClientInfo {
  return { address: plainAddress(address), port, tls: request.url.startsWith("https:"), protocol: "1.1" };
}
