import { createSecureContext } from "node:tls";
import { ConfigError } from "../config/problem.ts";
import type { Given } from "./given.ts";
import { certificateFile, keyFile, parsed } from "./pem.ts";

/** A certificate and its chain, and the key for it, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads a certificate and its key from the files that two flags name, and checks that they belong together.
 *
 * @returns Undefined if neither was given.
 * @throws ConfigError that names the flag, and what is wrong with its file.
 */
export function pemPair(given: Given, certFlag: string, keyFlag: string): KeyPair | undefined {
  const certName = given.text(certFlag);
  const keyName = given.text(keyFlag);
  if (certName === undefined && keyName === undefined) return undefined;
  if (certName === undefined) throw missing(given, keyFlag, certFlag);
  if (keyName === undefined) throw missing(given, certFlag, keyFlag);
  const [certPlace, keyPlace] = [given.place(certFlag), given.place(keyFlag)];
  const { text: cert, certificate } = certificateFile(certName, certPlace);
  const { text: key, key: privateKey } = keyFile(keyName, keyPlace);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      `${keyPlace}: found "${keyName}", expected the key of the certificate in "${certName}"`,
    );
  }
  // Those after the first must be some, too: whoever uses them would refuse them in words that are no use to anybody.
  parsed(() => createSecureContext({ cert, key }), certName, certPlace, CHAIN);
  return { cert, key };
}

const CHAIN = "certificates as PEM also after the first";

function missing(given: Given, present: string, absent: string): ConfigError {
  return new ConfigError(`${given.place(present)}: found no --${absent}, expected both or neither`);
}
