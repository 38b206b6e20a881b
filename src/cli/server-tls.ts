import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "../config/problem.ts";
import type { ServerTls } from "../sockets/socket.ts";
import type { Given } from "./given.ts";

/**
 * What clients are shown: the certificate and its key, read and checked before anything listens.
 *
 * @returns Undefined if neither was given.
 * @throws ConfigError that names the flag, and what is wrong with its file.
 */
export function serverTls(given: Given): ServerTls | undefined {
  const certFile = given.text("tls-cert");
  const keyFile = given.text("tls-key");
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw missing(given, "tls-key", "tls-cert");
  if (keyFile === undefined) throw missing(given, "tls-cert", "tls-key");
  const cert = contents(certFile, given.place("tls-cert"));
  const key = contents(keyFile, given.place("tls-key"));
  const certificate = parsed(() => new X509Certificate(cert), certFile, given.place("tls-cert"), CERTIFICATE);
  const privateKey = parsed(() => createPrivateKey(key), keyFile, given.place("tls-key"), KEY);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      `${given.place("tls-key")}: found "${keyFile}", expected the key of the certificate in "${certFile}"`,
    );
  }
  return { cert, key };
}

const CERTIFICATE = "a certificate as PEM";
const KEY = "an unencrypted private key as PEM";

function missing(given: Given, present: string, absent: string): ConfigError {
  return new ConfigError(`${given.place(present)}: found no --${absent}, expected both or neither`);
}

function contents(file: string, place: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const why = code === "ENOENT" ? "which is not there" : `which cannot be read (${String(code)})`;
    throw new ConfigError(`${place}: found "${file}", ${why}, expected a file`);
  }
}

function parsed<T>(parse: () => T, file: string, place: string, expected: string): T {
  try {
    return parse();
  } catch {
    // What the library says is about its own code, not about the file.
    throw new ConfigError(`${place}: found "${file}", expected ${expected}`);
  }
}
