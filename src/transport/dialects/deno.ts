import type { BackendTlsOptions } from "../backend-tls.ts";
import type { OutboundRequest } from "../transport.ts";
import type { FetchDialect } from "./dialect.ts";
import { standardInit, withHeaders } from "./standard.ts";

/** The part of Deno that is used here. */
interface DenoApi {
  createHttpClient(options: DenoClientOptions): unknown;
  readonly env: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
}

interface DenoClientOptions {
  allowHost: boolean;
  poolMaxIdlePerHost?: number;
  caCerts?: string[];
  cert?: string;
  key?: string;
}

const PROXY_VARIABLES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Deno: keeps the client's `Host` only with a client of one's own, decodes unless the first
 * `Accept-Encoding` is `identity`, and resends a request by itself when a kept-alive connection turns out
 * dead. That is welcome for idempotent requests; the others get a client that keeps no connections, since a
 * POST must not arrive twice.
 *
 * @param tls How TLS backends are spoken to: `ca`, `cert` and `key`.
 */
export function denoDialect({ ca, cert, key }: BackendTlsOptions): FetchDialect {
  const deno = (globalThis as unknown as { Deno: DenoApi }).Deno;
  const options: DenoClientOptions = { allowHost: true };
  if (ca !== undefined) options.caCerts = [ca];
  if (cert !== undefined && key !== undefined) Object.assign(options, { cert, key });
  const [keeping, fresh] = withoutProxyVariables(deno, () => [
    deno.createHttpClient(options),
    deno.createHttpClient({ ...options, poolMaxIdlePerHost: 0 }),
  ]);
  return {
    runtime: "deno",
    reachesUnixSockets: false,
    knowsIdentities: false,
    async fetch(url, outbound, signal) {
      const client = outbound.idempotent ? keeping : fresh;
      const init = { ...standardInit(outbound, signal), headers: denoHeaders(outbound), client };
      const upstream = await fetch(url, init as RequestInit);
      return withHeaders(upstream, new Headers(upstream.headers));
    },
  };
}

/**
 * As pairs, since that is the form in which Deno keeps repeated fields apart. `identity` on a line of its own
 * before what the client accepts adds nothing to the list that the two lines are (RFC 9110 §5.3, §12.5.3), and
 * keeps Deno from decoding.
 */
function denoHeaders(outbound: OutboundRequest): [string, string][] {
  return [["accept-encoding", "identity"], ...outbound.headers];
}

/** A client reads the environment's proxy when it is made, and has no switch for it. */
function withoutProxyVariables<T>(deno: DenoApi, make: () => T): T {
  const saved = PROXY_VARIABLES.map((name) => [name, readVariable(deno, name)] as const);
  try {
    for (const [name, value] of saved) if (value !== undefined) deno.env.delete(name);
    return make();
  } finally {
    for (const [name, value] of saved) if (value !== undefined) deno.env.set(name, value);
  }
}

/** Undefined also where the program may not read the environment: then Deno cannot use it either. */
function readVariable(deno: DenoApi, name: string): string | undefined {
  try {
    return deno.env.get(name);
  } catch {
    return undefined;
  }
}
