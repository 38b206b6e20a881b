import { describe, expect, test } from "bun:test";
import { FRONT_NAMES, TRANSPORT_NAMES } from "../../src/config/process.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { Gate } from "./gate.ts";
import { Program } from "./program.ts";
import { listeningUrl, Stage } from "./stage.ts";

for (const front of FRONT_NAMES) {
  for (const transport of TRANSPORT_NAMES) {
    describe(`--front ${front} --transport ${transport}`, () => {
      test("serves, in turn, with bodies both ways and a status, and ends when it is told to", async () => {
        await using stage = await Stage.start(2, "--front", front, "--transport", transport);
        const wire = await dial(stage.url);
        const servers: (string | undefined)[] = [];
        for (let turn = 0; turn < 4; turn++) {
          wire.send(request("GET", "/some/path?a=b"));
          const { head } = await readAnswer(wire, "GET");
          servers.push(head.field("x-server"));
        }
        expect(servers).toEqual(["Server-1", "Server-2", "Server-1", "Server-2"]);
        const sent = "x".repeat(100_000);
        const upload = request(
          "POST",
          "/echo",
          [`Content-Length: ${sent.length}`, "Connection: close"],
          sent,
        );
        for (let turn = 0; turn < 2; turn++) {
          const { head, body } = await ask(stage.url, upload);
          expect([head.status, body.toString()]).toEqual([200, sent]);
        }
        wire.send(request("GET", "/lb-status"));
        const status = JSON.parse((await readAnswer(wire, "GET")).body.toString());
        expect(status).toMatchObject({ backends: [{ requests: 3 }, { requests: 3 }], draining: false });
        wire.destroy();
        stage.balancer.signal("SIGTERM");
        expect(await stage.balancer.exitCode).toBe(0);
        expect(stage.balancer.stderr).toBe("");
      });

      test("answers 503 while nobody is behind it", async () => {
        const words = ["--port", "0", "--backends", "http://localhost:1"];
        await using balancer = new Program([...words, "--front", front, "--transport", transport]);
        const url = await listeningUrl(balancer);
        await balancer.wrote(/ is down: /);
        const { head } = await ask(url, request("GET", "/"));
        expect([head.status, head.field("retry-after")]).toEqual([503, "10"]);
      });
    });
  }
}

test("--max-connections lets so many in, and says no to one more until one of them has left", async () => {
  using gate = new Gate();
  await using balancer = new Program(["--port", "0", "--backends", gate.origin, "--max-connections", "2"]);
  const url = await listeningUrl(balancer);
  const get = request("GET", "/");
  const inside = [await dial(url), await dial(url)];
  for (const wire of inside) {
    wire.send(get);
    expect((await readAnswer(wire, "GET")).head.status).toBe(200);
  }
  const outside = await dial(url);
  const { head, body } = await readAnswer(outside, "GET");
  expect([head.status, head.field("retry-after"), head.field("connection")]).toEqual([503, "1", "close"]);
  expect(JSON.parse(body.toString()).detail).toBe("There are too many connections.");
  expect((await outside.rest()).length).toBe(0);
  inside[0]?.end();
  await inside[0]?.closed;
  const next = await dial(url);
  next.send(get);
  expect((await readAnswer(next, "GET")).head.status).toBe(200);
  for (const wire of [...inside, next]) wire.destroy();
});
