import { describe, expect, test } from "bun:test";
import { TestFolder } from "../config-file/folder.ts";
import { ask, request } from "../raw/client.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { Gate } from "./gate.ts";
import { childrenOf } from "./process-tree.ts";
import { Program, run } from "./program.ts";

const folder = new TestFolder();

/** Where a balancer says that it listens, once it has said it so often. */
async function urlsOf(program: Program, count: number): Promise<string[]> {
  await program.wrote(new RegExp(`(?:listening on [^]*){${count}}over `));
  return [...program.stdout.matchAll(/listening on (https?:\/\/\S+)/g)].map(([, url = ""]) => url);
}

/** What it answers there on a connection of its own. */
async function answerAt(url: string, path = "/"): Promise<string> {
  const { body } = await ask(url, request("GET", path, ["Connection: close"]));
  return body.toString();
}

test("each listener is taken as it says: with or without TLS, by either front", async () => {
  const { ca, server } = await makeCertificates();
  folder.write("c.pem", server.cert);
  folder.write("k.pem", server.key);
  const backend = Bun.serve({
    port: 0,
    fetch: (sent) => new Response(`${sent.headers.get("x-forwarded-proto")}\n`),
  });
  const listeners = [
    { port: 0, host: "127.0.0.1" },
    { port: 0, host: "127.0.0.1", front: "web" },
    { port: 0, host: "127.0.0.1", tls: { cert: "c.pem", key: "k.pem" } },
    { port: 0, host: "127.0.0.1", tls: { cert: "c.pem", key: "k.pem" }, front: "web" },
  ];
  const backends = [`http://localhost:${backend.port}`];
  // The files are named from the config's folder, not from where it is run.
  const config = folder.write("four.json", JSON.stringify({ backends, listeners }));
  await using balancer = new Program(["--config", config]);
  const urls = await urlsOf(balancer, 4);
  expect(urls.map((url) => new URL(url).protocol)).toEqual(["http:", "http:", "https:", "https:"]);
  const answers = urls.map(async (url) => (await fetch(url, { tls: { ca } })).text());
  expect(await Promise.all(answers)).toEqual(["http\n", "http\n", "https\n", "https\n"]);
  balancer.signal("SIGTERM");
  expect(await balancer.exitCode).toBe(0);
  for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  await backend.stop(true);
});

test("if one cannot listen none is left, and the line of the file is told", async () => {
  const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const free = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  await free.stop(true);
  const text = `backends: [http://localhost:1]
listeners:
  - { host: 127.0.0.1, port: ${free.port} }
  - host: 127.0.0.1
    port: ${taken.port}
`;
  folder.write("taken.yaml", text);
  for (const workers of process.platform === "linux" ? ["1", "2"] : ["1"]) {
    const ended = await run(["--config", "taken.yaml", "--workers", workers], {}, folder.path);
    expect([ended.exitCode, ended.stderr]).toEqual([
      1,
      `lb: taken.yaml:5:11: listeners[1].port: port ${taken.port} is in use already, expected a free one\n`,
    ]);
    expect(ended.stdout).not.toContain("listening");
  }
  // The first is free again.
  await Bun.serve({ port: free.port as number, hostname: "127.0.0.1", fetch: () => new Response() }).stop(
    true,
  );
  await taken.stop(true);
});

describe.skipIf(process.platform !== "linux")("with several workers", () => {
  test("all of them read the file, again when they are told to, and share all ports", async () => {
    using gate = new Gate();
    gate.open();
    const config = folder.write(
      "workers.yaml",
      `workers: 2
backends: ["${gate.origin}"]
sticky: { by: cookie }
listeners:
  - { port: 0, host: 127.0.0.1 }
  - { port: 0, host: 127.0.0.1, front: web }
`,
    );
    await using balancer = new Program(["--config", config]);
    const urls = await urlsOf(balancer, 2);
    await balancer.wrote(/2 workers share 2 ports/);
    const before = childrenOf(balancer.pid);
    expect([urls.length, before.length]).toEqual([2, 2]);
    for (const url of urls) expect(JSON.parse(await answerAt(url, "/lb-status")).backends).toHaveLength(1);
    balancer.signal("SIGHUP");
    await balancer.wrote(/SIGHUP: the config was read again/);
    for (const url of urls) expect(JSON.parse(await answerAt(url, "/lb-status")).backends).toHaveLength(1);
    expect(childrenOf(balancer.pid)).toEqual(before);
    balancer.signal("SIGTERM");
    expect(await balancer.exitCode).toBe(0);
  });
});
