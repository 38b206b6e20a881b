import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import { FRONT_NAMES } from "../../src/config/process.ts";
import { dial, readAnswer, request } from "../raw/client.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { childrenOf } from "./process-tree.ts";
import { run } from "./program.ts";
import { TlsStage } from "./tls-stage.ts";

const MIB = 1_048_576;

let stage: TlsStage;

beforeAll(async () => {
  stage = await TlsStage.make();
});

afterAll(() => stage[Symbol.asyncDispose]());

/** What openssl's client says of a connection, which it ends at once. */
function openssl(url: string, ...words: readonly string[]): string {
  const where = ["-connect", `127.0.0.1:${new URL(url).port}`, "-CAfile", join(stage.folder, "ca.pem")];
  const { stdout, stderr } = Bun.spawnSync(["openssl", "s_client", ...where, ...words], {
    stdin: new Uint8Array(),
    timeout: 10_000,
  });
  return stdout.toString() + stderr.toString();
}

for (const front of FRONT_NAMES) {
  describe(`--front ${front} with a certificate`, () => {
    test("says https, and serves many requests on one connection, each with where it came from", async () => {
      const [program, url] = await stage.balancer("--front", front);
      await using _ = program;
      expect(url).toMatch(/^https:\/\/localhost:\d+$/);
      const wire = await stage.dial(url);
      for (let turn = 0; turn < 5; turn++) {
        wire.send(request("GET", "/"));
        const { head } = await readAnswer(wire, "GET");
        expect([head.status, head.field("x-seen")]).toEqual([200, "https 127.0.0.1"]);
      }
      wire.destroy();
    });

    test("passes a mebibyte both ways, more than once", async () => {
      const [program, url] = await stage.balancer("--front", front);
      await using _ = program;
      const wire = await stage.dial(url);
      const body = Buffer.alloc(MIB, "0123456789abcdef");
      for (let turn = 0; turn < 3; turn++) {
        wire.send(request("POST", "/", [`Content-Length: ${MIB}`]));
        wire.send(body);
        const answer = await readAnswer(wire, "POST");
        expect(answer.body.equals(body)).toBe(true);
      }
      wire.destroy();
    });

    test("ends a connection that does not speak TLS, and goes on", async () => {
      const [program, url] = await stage.balancer("--front", front);
      await using balancer = program;
      const plain = await dial(url);
      plain.send(request("GET", "/"));
      expect((await plain.rest()).toString("latin1")).not.toContain("HTTP/1.1 2");
      const wire = await stage.dial(url);
      wire.send(request("GET", "/"));
      expect((await readAnswer(wire, "GET")).head.status).toBe(200);
      wire.destroy();
      expect(balancer.stderr).toBe("");
    });

    test("shows the whole chain, and lb status reads it if it believes the authority", async () => {
      const [program, url] = await stage.balancer("--front", front);
      await using _ = program;
      const said = openssl(url, "-showcerts");
      expect(said.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(said).toContain("Verify return code: 0 (ok)");
      const status = `${url.replace("localhost", "127.0.0.1")}/lb-status`;
      const words = ["status", "--url", status];
      const believing = await run([...words, "--ca", join(stage.folder, "ca.pem")]);
      expect([believing.exitCode, believing.stderr]).toEqual([0, ""]);
      expect(believing.stdout).toContain("● up");
      const stderr = `lb: --url: cannot connect to ${status} (its certificate is self-signed), expected a running lb\n`;
      expect(await run(words)).toEqual({ exitCode: 1, stdout: "", stderr });
    });

    test("loses no answer when it is told to end", async () => {
      const [program, url] = await stage.balancer("--front", front);
      await using balancer = program;
      const wires = await Promise.all(Array.from({ length: 10 }, () => stage.dial(url)));
      let answers = 0;
      const asked = wires.map(async (wire) => {
        for (;;) {
          wire.send(request("GET", "/"));
          const { head } = await readAnswer(wire, "GET");
          expect(head.status).toBe(200);
          if (/^connection: close$/im.test(head.raw)) return;
          answers += 1;
          if (answers === 50) balancer.signal("SIGTERM");
        }
      });
      await Promise.all(asked);
      expect(await balancer.exitCode).toBe(0);
      for (const wire of wires) wire.destroy();
    });
  });
}

test("--front http1 offers HTTP/1.1 and nothing else (ALPN), over TLS 1.2 and above", async () => {
  const [program, url] = await stage.balancer("--front", "http1");
  await using balancer = program;
  expect(openssl(url, "-alpn", "h2,http/1.1")).toContain("ALPN protocol: http/1.1");
  expect(openssl(url, "-alpn", "h2")).toContain("no application protocol");
  expect(openssl(url)).toContain("No ALPN negotiated");
  const old = ["-cipher", "ALL:@SECLEVEL=0"];
  expect(openssl(url, "-tls1_1", ...old)).toContain("alert protocol version");
  expect(openssl(url, "-tls1_2", ...old)).toContain("New, TLSv1.2");
  expect(balancer.stderr).toBe("");
});

test.skipIf(process.platform !== "linux")(
  "workers read a new certificate when they are replaced",
  async () => {
    const [program, url] = await stage.balancer("--workers", "2");
    await using balancer = program;
    expect(childrenOf(balancer.pid)).toHaveLength(2);
    const shown = async (ca: string): Promise<string> => {
      const wire = await stage.dial(url, ca);
      const { fingerprint256 }: PeerCertificate = wire.socket.getPeerCertificate();
      wire.send(request("GET", "/"));
      expect((await readAnswer(wire, "GET")).head.status).toBe(200);
      wire.destroy();
      return fingerprint256;
    };
    const before = await shown(stage.certificates.ca);
    const renewed = await makeCertificates();
    await stage.write(renewed);
    balancer.signal("SIGHUP");
    await balancer.wrote(/replaced 2 workers/);
    const after = await Promise.all(Array.from({ length: 10 }, () => shown(renewed.ca)));
    expect(new Set(after).size).toBe(1);
    expect(after).not.toContain(before);
    await stage.write(stage.certificates);
  },
  20_000,
);

test("a certificate without its key ends it with 1 and one sentence, and so does the key of another", async () => {
  const { tlsFlags, flags } = stage;
  const [, cert = "", , key = ""] = tlsFlags;
  const alone = await run([...flags, "--tls-cert", cert]);
  const stderr = "lb: --tls-cert: found no --tls-key, expected both or neither\n";
  expect(alone).toEqual({ exitCode: 1, stdout: "", stderr });
  const ca = join(stage.folder, "ca.pem");
  const mismatched = await run([...flags, "--tls-cert", ca, "--tls-key", key, "--workers", "2"]);
  const sentence = `lb: --tls-key: found "${key}", expected the key of the certificate in "${ca}"\n`;
  expect(mismatched).toEqual({ exitCode: 1, stdout: "", stderr: sentence });
});
