import type { TransportName } from "../config/process.ts";
import { fetchTransport } from "./fetch.ts";
import { type Http1Options, http1Transport } from "./http1.ts";
import type { Transport } from "./transport.ts";

/** Makes a transport; the options are those of `http1`, and nothing to any other. */
export type MakeTransport = (options?: Http1Options) => Transport;

/** Every transport by the name that flags use. */
export const TRANSPORTS: Readonly<Record<TransportName, MakeTransport>> = {
  fetch: () => fetchTransport(),
  http1: http1Transport,
};
