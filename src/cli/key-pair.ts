import { createSecureContext } from "node:tls";
import { ConfigError } from "../config/problem.ts";
import { certificateFile, keyFile, parsed } from "./pem.ts";

/** A file, and what its name was written into, for errors. */
export interface NamedFile {
  readonly file: string;
  readonly place: string;
}

/** A certificate and its chain, and the key for it, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads a certificate and its key, and checks that they belong together.
 *
 * @throws ConfigError that names the place, and what is wrong with its file.
 */
export function keyPair(certificate: NamedFile, privateKey: NamedFile): KeyPair {
  const { text: cert, certificate: first } = certificateFile(certificate.file, certificate.place);
  const { text: key, key: parsedKey } = keyFile(privateKey.file, privateKey.place);
  if (!first.checkPrivateKey(parsedKey)) {
    throw new ConfigError(
      `${privateKey.place}: found "${privateKey.file}", expected the key of the certificate in "${certificate.file}"`,
    );
  }
  // Those after the first must be some, too: whoever uses them would refuse them in words that are no use to anybody.
  parsed(() => createSecureContext({ cert, key }), certificate.file, certificate.place, CHAIN);
  return { cert, key };
}

const CHAIN = "certificates as PEM also after the first";
