import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "./machine.ts";

/**
 * TLS between the clients and the proxies, the same for each proxy: one certificate, made for the run, and
 * clients that offer one version, one cipher and one key exchange, which a proxy must then take. That holds
 * also for proxies that cannot be told which cipher to use.
 */

/** What the two sides need. */
export interface Tls {
  /** The certificate, as PEM. */
  readonly certPath: string;
  /** Its key, as PEM. */
  readonly keyPath: string;
  /** Both in one file. */
  readonly certAndKeyPath: string;
  /** The certificate itself, for a client to trust. */
  readonly cert: string;
  /** What OpenSSL in a client is to read in place of its usual configuration. */
  readonly clientConfigPath: string;
}

/** What clients offer: one cipher that processors have instructions for, and that everybody's TLS has. */
export const OFFERED = {
  protocol: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  group: "X25519",
} as const;

const VALID_DAYS = 2;

/** Why there can be no TLS here; undefined if there can. */
export function missingTls(): string | undefined {
  return Bun.which("openssl") === null ? "openssl is not installed" : undefined;
}

/**
 * Makes a certificate for 127.0.0.1 that signs itself, and the clients' configuration.
 *
 * @throws BenchError if openssl cannot make one.
 */
export function makeTls(directory: string): Tls {
  const certPath = join(directory, "cert.pem");
  const keyPath = join(directory, "key.pem");
  const argv = ["openssl", "req", "-x509", "-nodes", "-days", String(VALID_DAYS)];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", keyPath];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const { exitCode, stderr } = Bun.spawnSync([...argv, ...key, ...names, "-out", certPath]);
  if (exitCode !== 0) throw new BenchError(`openssl makes no certificate: ${stderr.toString().trim()}`);
  const cert = readFileSync(certPath, "utf8");
  const certAndKeyPath = join(directory, "cert-and-key.pem");
  writeFileSync(certAndKeyPath, cert + readFileSync(keyPath, "utf8"), { mode: 0o600 });
  const clientConfigPath = join(directory, "client-openssl.cnf");
  writeFileSync(clientConfigPath, clientConfig());
  return { certPath, keyPath, certAndKeyPath, cert, clientConfigPath };
}

function clientConfig(): string {
  return `openssl_conf = modules
[modules]
ssl_conf = contexts
[contexts]
system_default = every_context
[every_context]
MinProtocol = ${OFFERED.protocol}
Ciphersuites = ${OFFERED.cipher}
Groups = ${OFFERED.group}
`;
}
