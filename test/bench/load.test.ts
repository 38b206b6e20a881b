import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { EXCHANGES } from "./exchanges.ts";
import { LoadError, load, type Plan } from "./load.ts";
import type { Placement } from "./machine.ts";
import { Processes } from "./processes.ts";
import { makeTls, missingTls, OFFERED } from "./tls.ts";
import { keepAlive, requestText, type Traffic } from "./traffic.ts";

const ANYWHERE: Placement = { forProxy: (argv) => [...argv], forLoad: (argv) => [...argv] };
const BODY = "x".repeat(EXCHANGES.smallReply.replyBytes);
const lacksWrk = Bun.which("wrk") === null;

/** What a server was sent: for each connection, in the order they came, the first bytes at once. */
interface Sent {
  readonly chunks: string[];
  requests: number;
  readonly ciphers: Set<string>;
}

/** Answers each request of the kind that is expected, on every socket. */
function answering(traffic: Traffic, portOf: () => number, sent: Sent, answer: string) {
  return (socket: Socket) => {
    socket.on("error", () => {
      // wrk leaves in the middle of things when its time is over.
    });
    socket.on("data", (bytes: Buffer) => {
      if (sent.chunks.length < 10) sent.chunks.push(bytes.toString("latin1"));
      if (socket instanceof TLSSocket) {
        sent.ciphers.add(`${socket.getProtocol()} ${socket.getCipher().name}`);
      }
      const count = bytes.length / requestText(traffic, `127.0.0.1:${portOf()}`).length;
      sent.requests += count;
      const replies = answer.repeat(count);
      if (traffic.isPersistent) socket.write(replies);
      else socket.end(replies);
    });
  };
}

function answerOf({ isPersistent }: Traffic, status = "200 OK"): string {
  const close = isPersistent ? "" : "Connection: close\r\n";
  return `HTTP/1.1 ${status}\r\nContent-Length: ${BODY.length}\r\n${close}\r\n${BODY}`;
}

/** Loads a server of this test's own for a second. */
async function loaded(traffic: Traffic, answer = answerOf(traffic)) {
  const processes = new Processes();
  const sent: Sent = { chunks: [], requests: 0, ciphers: new Set() };
  const tls = traffic.hasTls ? makeTls(processes.directory) : undefined;
  let port = 0;
  const onSocket = answering(traffic, () => port, sent, answer);
  const server: Server =
    tls === undefined
      ? createPlainServer(onSocket)
      : createTlsServer({ cert: tls.cert, key: await Bun.file(tls.keyPath).text() }, onSocket);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address === "object" && address !== null) port = address.port;
  const plan: Plan = { ...traffic, seconds: 1, place: ANYWHERE };
  try {
    return { result: await load(processes, { port, tls }, plan), sent, host: `127.0.0.1:${port}` };
  } finally {
    server.close();
    await processes.stopAll();
    rmSync(processes.directory, { recursive: true, force: true });
  }
}

describe("a request", () => {
  test("of a browser has twelve headers, Host first, in a head of 500 to 600 bytes", () => {
    const text = requestText(keepAlive(EXCHANGES.browser, 1), "127.0.0.1:40000");
    const lines = text.split("\r\n");
    expect(lines.slice(0, 2)).toEqual(["GET /100 HTTP/1.1", "Host: 127.0.0.1:40000"]);
    expect(lines.slice(-2)).toEqual(["", ""]);
    expect(lines.slice(1, -2).length).toBe(12);
    expect(text.length).toBeWithin(500, 620);
  });

  test("says the length of its body, and that it is the last one", () => {
    const traffic = { ...keepAlive(EXCHANGES.smallPost, 1), isPersistent: false };
    const [head, body] = requestText(traffic, "h").split("\r\n\r\n");
    expect(head).toBe(
      "POST /post-1k HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\n" +
        "Content-Length: 1024\r\nConnection: close",
    );
    expect(body).toBe("x".repeat(1024));
  });
});

describe.skipIf(lacksWrk)("wrk", () => {
  test("sends what it is given, and counts what comes back", async () => {
    const traffic = keepAlive(EXCHANGES.browser, 2);
    const { result, sent, host } = await loaded(traffic);
    expect(new Set(sent.chunks)).toEqual(new Set([requestText(traffic, host)]));
    expect(result.requests).toBeWithin(1, sent.requests + 1);
    expect(result.latency?.p99Us).toBeGreaterThan(0);
  });

  test("sends eight requests in one write, and has no latency of them", async () => {
    const traffic = { ...keepAlive(EXCHANGES.smallReply, 1), pipelined: 8 };
    const { result, sent, host } = await loaded(traffic);
    expect(new Set(sent.chunks)).toEqual(new Set([requestText(traffic, host).repeat(8)]));
    expect(result.latency).toBeUndefined();
  });

  test.skipIf(missingTls() !== undefined)("speaks the one TLS that all proxies get", async () => {
    const traffic = { ...keepAlive(EXCHANGES.smallReply, 1), hasTls: true, isPersistent: false };
    const { result, sent } = await loaded(traffic);
    expect([...sent.ciphers]).toEqual([`${OFFERED.protocol} ${OFFERED.cipher}`]);
    expect(result.requests).toBeGreaterThan(1);
  });

  test("makes no figures of errors", async () => {
    const traffic = keepAlive(EXCHANGES.smallReply, 1);
    await expect(loaded(traffic, answerOf(traffic, "503 Service Unavailable"))).rejects.toThrow(LoadError);
  });
});

test("a certificate is for 127.0.0.1 and its key for nobody else to read", async () => {
  const directory = mkdtempSync(join(tmpdir(), "lb-bench-tls-"));
  try {
    const { certAndKeyPath, keyPath, cert } = makeTls(directory);
    expect(await Bun.file(certAndKeyPath).text()).toBe(cert + (await Bun.file(keyPath).text()));
    expect((await Bun.file(keyPath).stat()).mode & 0o077).toBe(0);
    expect((await Bun.file(certAndKeyPath).stat()).mode & 0o077).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
