import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Given } from "../../src/cli/given.ts";
import { keyPair } from "../../src/cli/key-pair.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { settingsOf } from "../../src/cli/serve-settings.ts";
import type { ServerTls } from "../../src/sockets/socket.ts";
import { messageOf } from "../config/message-of.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";

const RUBBISH = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

let folder: string;
const texts = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lb-server-tls-"));
  const { ca, server, client } = await makeCertificates();
  texts.set("cert.pem", server.cert);
  texts.set("key.pem", server.key);
  texts.set("chain.pem", server.cert + ca);
  texts.set("both.pem", server.key + server.cert);
  texts.set("broken-chain.pem", server.cert + RUBBISH);
  texts.set("other-key.pem", client.key);
  texts.set("rubbish.pem", RUBBISH);
  texts.set("empty.pem", "");
  for (const [name, text] of texts) await writeFile(join(folder, name), text);
  const [plain, encrypted] = [join(folder, "key.pem"), join(folder, "encrypted-key.pem")];
  const words = ["pkey", "-in", plain, "-aes256", "-passout", "pass:secret", "-out", encrypted];
  expect(Bun.spawnSync(["openssl", ...words]).exitCode).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

/** What comes of these two files of the folder. */
function tlsOf(cert: string, key: string): ServerTls {
  const named = (file: string, place: string) => ({ file: join(folder, file), place });
  return keyPair(named(cert, "--tls-cert"), named(key, "--tls-key"));
}

/** What flags and variables come to. */
function settingsWith(values: Record<string, string>, variables: Record<string, string> = {}) {
  const all = Object.entries({ backends: "http://a:1", ...values });
  const given = new Given(SERVE_FLAGS, new Map(all.map(([name, value]) => [name, [value]])), variables);
  return settingsOf(given, undefined);
}

test("without the flags there is no TLS", () => {
  expect(settingsWith({}).listeners[0]?.tls).toBeUndefined();
});

test.each([
  ["tls-cert", "tls-key"],
  ["tls-key", "tls-cert"],
] as const)("--%s without --%s is refused", (present, absent) => {
  expect(messageOf(() => settingsWith({ [present]: "a.pem" }))).toBe(
    `--${present}: found no --${absent}, expected both or neither`,
  );
});

for (const [cert, key] of [
  ["cert.pem", "key.pem"],
  ["chain.pem", "key.pem"],
  ["both.pem", "both.pem"],
] as const) {
  test(`${cert} and ${key} are taken as they are`, () => {
    const [certText, keyText] = [texts.get(cert) ?? "", texts.get(key) ?? ""];
    expect(tlsOf(cert, key)).toEqual({ cert: certText, key: keyText });
  });
}

const KEY = "expected an unencrypted private key as PEM";
const CERTIFICATE = "expected a certificate as PEM";

for (const [cert, key, sentence] of [
  ["nowhere.pem", "key.pem", '--tls-cert: found "nowhere.pem", which is not there, expected a file'],
  ["cert.pem", "nowhere.pem", '--tls-key: found "nowhere.pem", which is not there, expected a file'],
  [".", "key.pem", '--tls-cert: found "", which is a folder, expected a file'],
  ["cert.pem", ".", '--tls-key: found "", which is a folder, expected a file'],
  [
    "cert.pem/x",
    "key.pem",
    '--tls-cert: found "cert.pem/x", which cannot be read (ENOTDIR), expected a file',
  ],
  ["empty.pem", "key.pem", `--tls-cert: found "empty.pem", ${CERTIFICATE}`],
  ["key.pem", "key.pem", `--tls-cert: found "key.pem", ${CERTIFICATE}`],
  ["rubbish.pem", "key.pem", `--tls-cert: found "rubbish.pem", ${CERTIFICATE}`],
  [
    "broken-chain.pem",
    "key.pem",
    '--tls-cert: found "broken-chain.pem", expected certificates as PEM also after the first',
  ],
  ["cert.pem", "empty.pem", `--tls-key: found "empty.pem", ${KEY}`],
  ["cert.pem", "cert.pem", `--tls-key: found "cert.pem", ${KEY}`],
  ["cert.pem", "encrypted-key.pem", `--tls-key: found "encrypted-key.pem", ${KEY}`],
  [
    "cert.pem",
    "other-key.pem",
    '--tls-key: found "other-key.pem", expected the key of the certificate in "cert.pem"',
  ],
] as const) {
  test(`${cert} with ${key} is refused`, () => {
    const message = messageOf(() => tlsOf(cert, key));
    expect(message.replaceAll(`${folder}/`, "").replaceAll(folder, "")).toBe(sentence);
  });
}

test("a file that a variable names is told of by the variable", () => {
  const variables = { LB_TLS_CERT: join(folder, "cert.pem"), LB_TLS_KEY: "/nowhere" };
  const message = messageOf(() => settingsWith({}, variables));
  expect(message).toBe('LB_TLS_KEY: found "/nowhere", which is not there, expected a file');
});
