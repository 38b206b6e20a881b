import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TRANSPORT_NAMES } from "../../src/config/process.ts";

import { TlsBackend } from "../raw/tls-backend.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { Program, run } from "./program.ts";
import { listeningUrl } from "./stage.ts";

let folder: string;
let backend: TlsBackend;
let strict: TlsBackend;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lb-backend-tls-"));
  const certificates = await makeCertificates();
  const { ca, client } = certificates;
  await writeFile(join(folder, "ca.pem"), ca);
  await writeFile(join(folder, "cert.pem"), client.cert);
  await writeFile(join(folder, "key.pem"), client.key);
  backend = await TlsBackend.listen(certificates);
  strict = await TlsBackend.listen(certificates, true);
});

afterAll(async () => {
  await backend.close();
  await strict.close();
  await rm(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);

/** Runs a balancer until it has said of its backend what matches, then asks it for something. */
async function ask(said: RegExp, ...flags: readonly string[]): Promise<number> {
  await using program = new Program(["--port", "0", "--log-level", "debug", ...flags]);
  const url = await listeningUrl(program);
  await program.wrote(said);
  return (await fetch(`${url}/traffic`)).status;
}

for (const transport of TRANSPORT_NAMES) {
  describe(`--transport ${transport}`, () => {
    const before = (url: string) => ["--transport", transport, "--backends", url];

    test("believes nobody whom the system does not", async () => {
      expect(await ask(/ is down: .*certificate is self-signed/, ...before(backend.url))).toBe(503);
    });

    test("believes the authority of --backend-ca, for the right name alone", async () => {
      const ca = ["--backend-ca", file("ca.pem")];
      expect(await ask(/ is up: /, ...before(backend.url), ...ca)).toBe(200);
      const wrong = / is down: .*certificate is for another name/;
      expect(await ask(wrong, ...before(backend.misnamedUrl), ...ca)).toBe(503);
    });

    test("asks for the name of --backend-server-name, and checks by it, whatever Host the client wants", async () => {
      const flags = ["--backend-ca", file("ca.pem"), "--backend-server-name", "lb.test"];
      const from = backend.seen.length;
      expect(await ask(/ is up: /, ...before(backend.misnamedUrl), ...flags)).toBe(200);
      expect(backend.seen.slice(from)).toEqual([
        { target: "/health", serverName: "lb.test", isAuthorized: false },
        { target: "/traffic", serverName: "lb.test", isAuthorized: false },
      ]);
    });

    test("shows the certificate of --backend-cert, to checks as well", async () => {
      const flags = ["--backend-ca", file("ca.pem")];
      const own = ["--backend-cert", file("cert.pem"), "--backend-key", file("key.pem")];
      expect(await ask(/ is up: /, ...before(strict.url), ...flags, ...own)).toBe(200);
      expect(strict.seen.every(({ isAuthorized }) => isAuthorized)).toBe(true);
      expect(await ask(/ is down: /, ...before(strict.url), ...flags)).toBeGreaterThanOrEqual(500);
    });

    test("believes any certificate with --backend-verify false", async () => {
      expect(await ask(/ is up: /, ...before(backend.misnamedUrl), "--backend-verify", "false")).toBe(200);
    });
  });
}

test("several workers, and who checks for them, know the same", async () => {
  const flags = ["--backends", backend.url, "--backend-ca", file("ca.pem"), "--workers", "2"];
  expect(await ask(/ is up: /, ...flags)).toBe(200);
});

test("a file that is none ends the start in one sentence", async () => {
  const result = await run(["--backends", backend.url, "--backend-ca", file("key.pem")]);
  const stderr = `lb: --backend-ca: found "${file("key.pem")}", expected a certificate as PEM\n`;
  expect(result).toEqual({ exitCode: 1, stdout: "", stderr });
});
