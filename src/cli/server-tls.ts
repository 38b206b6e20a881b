import { createSecureContext } from "node:tls";
import { ConfigError } from "../config/problem.ts";
import type { ServerTls } from "../sockets/socket.ts";
import { certificateFile, keyFile, parsed } from "./pem.ts";

/** A file, and what its name was written into, for errors. */
export interface NamedFile {
  readonly file: string;
  readonly place: string;
}

/**
 * What clients are shown: the certificate and its key, read and checked before anything listens.
 *
 * @throws ConfigError that names the place, and what is wrong with its file.
 */
export function serverTls(certificate: NamedFile, privateKey: NamedFile): ServerTls {
  const { text: cert, certificate: first } = certificateFile(certificate.file, certificate.place);
  const { text: key, key: parsedKey } = keyFile(privateKey.file, privateKey.place);
  if (!first.checkPrivateKey(parsedKey)) {
    throw new ConfigError(
      `${privateKey.place}: found "${privateKey.file}", expected the key of the certificate in "${certificate.file}"`,
    );
  }
  // Those after the first must be some, too: the listener would refuse them in words that are no use to anybody.
  parsed(() => createSecureContext({ cert, key }), certificate.file, certificate.place, CHAIN);
  return { cert, key };
}

const CHAIN = "certificates as PEM also after the first";
