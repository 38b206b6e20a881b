import type { OutboundRequest } from "../transport.ts";
import type { FetchDialect } from "./dialect.ts";
import { standardInit, withHeaders } from "./standard.ts";

/** undici's options for one request, as far as they are touched here. */
interface DispatchOptions {
  readonly [option: string]: unknown;
}

/** undici's receiver of one answer, in the form that `fetch` gives it. */
interface DispatchHandler {
  onHeaders(status: number, headers: Uint8Array[], resume: () => void, statusText: string): boolean;
}

interface Dispatcher {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
}

/** Where undici keeps the dispatcher of the `fetch` built into Node. */
const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/** What `content-encoding` is called on its way through `fetch`, which otherwise decodes. */
const VEILED_ENCODING = "x-lb-content-encoding";
const ENCODING_BYTES = new TextEncoder().encode("content-encoding");

/** Node's own kind of bytes, which is the only one that undici reads a name from. */
interface NodeGlobals {
  readonly Buffer: { from(text: string): Uint8Array };
}

/**
 * Node: `fetch` runs on undici, whose dispatcher is handed every request before it is written. One that
 * stands before the built-in dispatcher sends the headers, the path and the body's length as they are,
 * waits for ever (the balancer has its own time-outs), and hides content codings from the decoder.
 */
export function nodeDialect(): FetchDialect {
  return {
    runtime: "node",
    reachesUnixSockets: false,
    knowsIdentities: false,
    async fetch(url, outbound, signal) {
      const dispatcher = passing(await builtInDispatcher(), outbound);
      const upstream = await fetch(url, { ...standardInit(outbound, signal), dispatcher } as RequestInit);
      const headers = new Headers(upstream.headers);
      const coding = headers.get(VEILED_ENCODING);
      if (coding !== null) {
        headers.delete(VEILED_ENCODING);
        headers.set("content-encoding", coding);
      }
      return withHeaders(upstream, headers);
    },
  };
}

/** A dispatcher for one request. */
function passing(builtIn: Dispatcher, outbound: OutboundRequest): Dispatcher {
  return {
    dispatch(options, handler) {
      const headers: string[] = [];
      for (const [name, value] of outbound.headers) headers.push(name, value);
      const sent = { ...options, path: outbound.target, headers, headersTimeout: 0, bodyTimeout: 0 };
      return builtIn.dispatch(sent, hidingCoding(handler));
    },
  };
}

/** Hides the answer's content codings from the decoder. */
function hidingCoding(handler: DispatchHandler): DispatchHandler {
  const hiding = Object.create(handler) as DispatchHandler;
  hiding.onHeaders = (status, headers, resume, statusText) => {
    const veiled = headers.map((field, index) =>
      index % 2 === 0 && isEncodingField(field)
        ? (globalThis as unknown as NodeGlobals).Buffer.from(VEILED_ENCODING)
        : field,
    );
    return handler.onHeaders(status, veiled, resume, statusText);
  };
  return hiding;
}

function isEncodingField(name: Uint8Array): boolean {
  return (
    name.length === ENCODING_BYTES.length &&
    name.every((byte, index) => (byte | 0x20) === (ENCODING_BYTES[index] as number))
  );
}

/** Node loads undici at the first `fetch`; one that needs no network brings it about. */
async function builtInDispatcher(): Promise<Dispatcher> {
  const holder = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  const dispatcher = holder[GLOBAL_DISPATCHER];
  if (dispatcher !== undefined) return dispatcher;
  await fetch("data:,");
  return holder[GLOBAL_DISPATCHER] as Dispatcher;
}
