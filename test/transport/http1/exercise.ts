/**
 * The program that every runtime runs: one transport before the backends that the first argument names, and
 * one line of JSON with what came of it.
 */
import { Backend } from "../../../src/core/backend.ts";
import type { BackendTlsOptions } from "../../../src/transport/backend-tls.ts";
import { fetchTransport } from "../../../src/transport/fetch.ts";
import { http1Transport } from "../../../src/transport/http1.ts";
import type { OutboundRequest, Transport } from "../../../src/transport/transport.ts";

/** What the program is told. */
export interface Exercise {
  readonly plain: string;
  readonly secure: string;
  readonly refused: string;
  /** The first on a Unix socket. */
  readonly unix: string;
  /** A Unix socket that is not there. */
  readonly missing: string;
  readonly tls: BackendTlsOptions;
}

const { plain, secure, refused, unix, missing, tls } = JSON.parse(process.argv[2] ?? "{}") as Exercise;
const backends = new Map(
  [plain, secure, refused, unix, missing].map((origin) => [
    origin,
    new Backend({ origin, weight: 1, tier: 0 }),
  ]),
);

function send(
  transport: Transport,
  origin: string,
  method: string,
  target: string,
  body: BodyInit | null = null,
  signal = new AbortController().signal,
): Promise<Response> {
  const headers = new Headers({ host: "lb.test" });
  const idempotent = method !== "POST";
  const outbound: OutboundRequest = {
    method,
    target,
    headers,
    eachField: (visit) => headers.forEach(visit),
    announcedBytes: -1,
    body: () => body,
    idempotent,
  };
  return transport.send(backends.get(origin) as Backend, outbound, { signal });
}

async function failureOf(transport: Transport, sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return "none";
  } catch (error) {
    const { outcome, message } = transport.failure(error);
    return `${outcome} ${message}`;
  }
}

const transport = http1Transport({ tls });
const strict = http1Transport({
  tls: { ...(tls.ca === undefined ? {} : { ca: tls.ca }), serverName: "other.test" },
});
const unknowing = http1Transport();

async function length(response: Response): Promise<number> {
  return (await response.arrayBuffer()).byteLength;
}

/** The answer with these settings, or why there can be none. */
async function secureByFetch(options: BackendTlsOptions): Promise<string> {
  try {
    return await text(send(fetchTransport({ tls: options }), secure, "GET", "/echo"));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const results: Record<string, unknown> = {};
const text = async (response: Promise<Response>) => (await response).text();
results.first = await text(send(transport, plain, "GET", "/turn"));
results.second = await text(send(transport, plain, "GET", "/turn"));
results.bytes = await text(send(transport, plain, "POST", "/echo", new Uint8Array([104, 105])));
results.stream = await text(send(transport, plain, "POST", "/echo", new Blob(["streamed"]).stream()));
results.upload = await text(
  send(transport, plain, "PUT", "/length", new Blob([new Uint8Array(5_000_000)]).stream()),
);
results.chunked = await text(send(transport, plain, "GET", "/chunked"));
results.untilClose = await text(send(transport, plain, "GET", "/until-close"));
const large = await send(transport, plain, "GET", "/large");
await new Promise((resolve) => setTimeout(resolve, 200));
results.large = await length(large);
results.broken = await failureOf(transport, text(send(transport, plain, "GET", "/broken")));
await text(send(transport, plain, "GET", "/turn"));
results.stale = await text(send(transport, plain, "GET", "/stale"));
await text(send(transport, plain, "GET", "/turn"));
results.stalePost = await failureOf(transport, send(transport, plain, "POST", "/stale", "x"));
results.refused = await failureOf(transport, send(transport, refused, "POST", "/", "x"));
const controller = new AbortController();
const silent = send(transport, plain, "GET", "/silence", null, controller.signal);
setTimeout(() => controller.abort(), 50);
results.aborted = (await failureOf(transport, silent)) !== "none";
results.secure = await text(send(transport, secure, "GET", "/turn"));
results.secureAgain = await text(send(transport, secure, "GET", "/turn"));
results.secureLarge = await length(await send(transport, secure, "GET", "/large"));
results.wrongName = (await failureOf(strict, send(strict, secure, "GET", "/turn"))).split(" ")[0];
results.unknownAuthority = (await failureOf(unknowing, send(unknowing, secure, "GET", "/turn"))).split(
  " ",
)[0];
results.unix = await text(send(transport, unix, "GET", "/turn"));
results.unixAgain = await text(send(transport, unix, "GET", "/turn"));
results.unixUpload = await text(
  send(transport, unix, "PUT", "/length", new Blob([new Uint8Array(5_000_000)]).stream()),
);
results.unixLarge = await length(await send(transport, unix, "GET", "/large"));
const leaving = new AbortController();
const quiet = send(transport, unix, "GET", "/silence", null, leaving.signal);
setTimeout(() => leaving.abort(), 50);
results.unixAborted = (await failureOf(transport, quiet)) !== "none";
results.missing = await failureOf(transport, send(transport, missing, "POST", "/", "x"));
const byFetch = fetchTransport();
results.unixByFetch = await failureOf(byFetch, text(send(byFetch, unix, "POST", "/echo", "x")));
results.missingByFetch = await failureOf(byFetch, send(byFetch, missing, "POST", "/", "x"));
results.secureByFetch = await secureByFetch(tls);
results.namedByFetch = await secureByFetch({ ...tls, serverName: "lb.test" });
results.open = transport.state(backends.get(plain) as Backend).open;
console.log(JSON.stringify(results));
