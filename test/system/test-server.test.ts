import { expect, test } from "bun:test";
import { PROGRAM, Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

test("--count runs servers on ports of their own, named in order, until a signal", async () => {
  await using servers = new Program(["test-server", "-port", "0", "-count", "3"]);
  const [, ...urls] = await servers.wrote(
    /^Server-1 listening on (\S+)\nServer-2 listening on (\S+)\nServer-3 listening on (\S+)\n$/,
  );
  const names = await Promise.all(urls.map(async (url) => (await (await fetch(url)).text()).split("\n")[0]));
  expect(names).toEqual(["Hello from Server-1", "Hello from Server-2", "Hello from Server-3"]);
  servers.signal("SIGTERM");
  expect(await servers.exitCode).toBe(0);
});

test("-fail-after N fails it after N answers", async () => {
  await using server = new Program(["test-server", "-port=0", "-name=Blue", "-fail-after=2"]);
  const url = await listeningUrl(server);
  const statusOf = async (path: string) => (await fetch(url + path)).status;
  const statuses: number[] = [];
  for (const path of ["/health", "/", "/api", "/", "/health", "/recover", "/health", "/"]) {
    statuses.push(await statusOf(path));
  }
  expect(statuses).toEqual([200, 200, 200, 503, 503, 200, 200, 200]);
});

test("started by the name test-server, it is one", async () => {
  const [file = "", ...script] = PROGRAM;
  const started = Bun.spawn([file, ...script, "-help"], { argv0: "/usr/bin/test-server", stdout: "pipe" });
  expect(await new Response(started.stdout).text()).toStartWith("lb test-server: ");
  expect(await started.exited).toBe(0);
});

test("a large body comes back as it was sent", async () => {
  await using server = new Program(["test-server", "-port=0"]);
  const url = await listeningUrl(server);
  const sent = crypto.getRandomValues(new Uint8Array(60_000)).toHex().repeat(40);
  const echoed = await fetch(`${url}/echo`, { method: "POST", body: sent });
  expect((await echoed.text()) === sent).toBe(true);
  const bytes = await (await fetch(`${url}/bytes?n=5000001`)).arrayBuffer();
  expect(bytes.byteLength).toBe(5_000_001);
});
