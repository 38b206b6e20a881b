import type { ServerTls } from "../sockets/socket.ts";
import type { Given } from "./given.ts";
import { pemPair } from "./key-pair.ts";

/**
 * What clients are shown: the certificate and its key, read and checked before anything listens.
 *
 * @returns Undefined if neither was given.
 * @throws ConfigError that names the flag, and what is wrong with its file.
 */
export function serverTls(given: Given): ServerTls | undefined {
  return pemPair(given, "tls-cert", "tls-key");
}
