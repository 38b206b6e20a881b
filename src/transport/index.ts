import type { TransportName } from "../config/process.ts";
import { fetchTransport } from "./fetch.ts";
import { type Http1Options, http1Transport } from "./http1.ts";
import type { Transport } from "./transport.ts";

/** Makes a transport; the options are those of `http1`, of which `fetch` knows `tls` alone. */
export type MakeTransport = (options?: Http1Options) => Transport;

/** Every transport by the name that flags use. */
export const TRANSPORTS: Readonly<Record<TransportName, MakeTransport>> = {
  fetch: (options) => fetchTransport(options?.tls === undefined ? {} : { tls: options.tls }),
  http1: http1Transport,
};
