import { fetchTransport } from "./fetch.ts";
import { http1Transport } from "./http1.ts";
import type { Transport } from "./transport.ts";

/** The name of a transport. */
export type TransportName = "fetch" | "http1";

/** Every transport by the name that flags use. */
export const TRANSPORTS: Readonly<Record<TransportName, () => Transport>> = {
  fetch: () => fetchTransport(),
  http1: () => http1Transport(),
};

/** The names of all transports, for checking what a user wrote. */
export const TRANSPORT_NAMES = Object.keys(TRANSPORTS) as readonly TransportName[];
