import { createSecureContext } from "node:tls";
import { ConfigError } from "../config/problem.ts";
import type { ServerTls } from "../sockets/socket.ts";
import type { Given } from "./given.ts";
import { certificateFile, keyFile, parsed } from "./pem.ts";

/**
 * What clients are shown: the certificate and its key, read and checked before anything listens.
 *
 * @returns Undefined if neither was given.
 * @throws ConfigError that names the flag, and what is wrong with its file.
 */
export function serverTls(given: Given): ServerTls | undefined {
  const certName = given.text("tls-cert");
  const keyName = given.text("tls-key");
  if (certName === undefined && keyName === undefined) return undefined;
  if (certName === undefined) throw missing(given, "tls-key", "tls-cert");
  if (keyName === undefined) throw missing(given, "tls-cert", "tls-key");
  const [certPlace, keyPlace] = [given.place("tls-cert"), given.place("tls-key")];
  const { text: cert, certificate } = certificateFile(certName, certPlace);
  const { text: key, key: privateKey } = keyFile(keyName, keyPlace);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      `${keyPlace}: found "${keyName}", expected the key of the certificate in "${certName}"`,
    );
  }
  // Those after the first must be some, too: the listener would refuse them in words that are no use to anybody.
  parsed(() => createSecureContext({ cert, key }), certName, certPlace, CHAIN);
  return { cert, key };
}

const CHAIN = "certificates as PEM also after the first";

function missing(given: Given, present: string, absent: string): ConfigError {
  return new ConfigError(`${given.place(present)}: found no --${absent}, expected both or neither`);
}
