import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts of an authority that nobody else believes, and of those it vouches for. */
export interface Certificates {
  readonly ca: string;
  /** For the name `lb.test` and the address 127.0.0.1. */
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** Has openssl make them. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "lb-tls-"));
  try {
    const file = (name: string) => join(folder, name);
    const text = (name: string) => readFile(file(name), "utf8");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl(
      "req",
      "-x509",
      ...key,
      "-keyout",
      file("ca.key"),
      "-out",
      file("ca.pem"),
      "-days",
      "2",
      "-subj",
      "/CN=ca",
    );
    await writeFile(file("server.ext"), "subjectAltName=DNS:lb.test,IP:127.0.0.1\n");
    await writeFile(file("client.ext"), "extendedKeyUsage=clientAuth\n");
    for (const name of ["server", "client"]) {
      openssl(
        "req",
        ...key,
        "-keyout",
        file(`${name}.key`),
        "-out",
        file(`${name}.csr`),
        "-subj",
        `/CN=${name}`,
      );
      const signer = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2"];
      openssl(
        "x509",
        "-req",
        "-in",
        file(`${name}.csr`),
        ...signer,
        "-extfile",
        file(`${name}.ext`),
        "-out",
        file(`${name}.pem`),
      );
    }
    return {
      ca: await text("ca.pem"),
      server: { cert: await text("server.pem"), key: await text("server.key") },
      client: { cert: await text("client.pem"), key: await text("client.key") },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function openssl(...args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr.toString()}`);
}
