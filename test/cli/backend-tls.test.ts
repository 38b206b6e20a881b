import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Given } from "../../src/cli/given.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { settingsOf } from "../../src/cli/serve-settings.ts";
import { messageOf } from "../config/message-of.ts";
import { type Certificates, makeCertificates } from "../transport/http1/certificates.ts";

let folder: string;
let certificates: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lb-backend-tls-"));
  certificates = await makeCertificates();
  const { ca, server, client } = certificates;
  const texts = {
    "ca.pem": ca,
    "two.pem": ca + server.cert,
    "broken.pem": `${ca}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    "with-key.pem": ca + server.key,
    "cert.pem": client.cert,
    "key.pem": client.key,
    "other-key.pem": server.key,
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
});

afterAll(() => rm(folder, { recursive: true }));

/** What comes of these flags; files are those of the folder. */
function tlsOf(flags: Record<string, string>) {
  const values = Object.entries(flags).map(([name, value]): [string, string[]] => {
    return [`backend-${name}`, [value.endsWith(".pem") ? join(folder, value) : value]];
  });
  const given = new Given(SERVE_FLAGS, new Map([["backends", ["http://a"]], ...values]), {});
  return settingsOf(given, undefined).backendTls;
}

test("without the flags nothing is asked for", () => {
  expect(tlsOf({})).toEqual({});
});

test("every flag arrives, with what is in its file", () => {
  const flags = {
    ca: "two.pem",
    cert: "cert.pem",
    key: "key.pem",
    "server-name": "app.test",
    verify: "false",
  };
  const { ca, server, client } = certificates;
  expect(tlsOf(flags)).toEqual({ ca: ca + server.cert, ...client, serverName: "app.test", verify: false });
});

for (const [flags, sentence] of [
  [{ ca: "nowhere.pem" }, '--backend-ca: found "nowhere.pem", which is not there, expected a file'],
  [{ ca: "key.pem" }, '--backend-ca: found "key.pem", expected a certificate as PEM'],
  [{ ca: "broken.pem" }, '--backend-ca: found "broken.pem", expected only certificates as PEM'],
  [{ ca: "with-key.pem" }, '--backend-ca: found "with-key.pem", expected only certificates as PEM'],
  [{ cert: "cert.pem" }, "--backend-cert: found no --backend-key, expected both or neither"],
  [{ key: "key.pem" }, "--backend-key: found no --backend-cert, expected both or neither"],
  [
    { cert: "cert.pem", key: "other-key.pem" },
    '--backend-key: found "other-key.pem", expected the key of the certificate in "cert.pem"',
  ],
  [
    { "server-name": "https://a" },
    '--backend-server-name: found "https://a", expected a name such as app.example.com',
  ],
  [{ verify: "no" }, '--backend-verify: found "no", expected true or false'],
] as const) {
  test(`${JSON.stringify(flags)} is refused`, () => {
    expect(messageOf(() => tlsOf({ ...flags })).replaceAll(`${folder}/`, "")).toBe(sentence);
  });
}
