import { expect, test } from "bun:test";
import { dial, readAnswer, request } from "../raw/client.ts";
import { UpgradeStage } from "./upgrade-stage.ts";

const NAMING = "Connection: Transfer-Encoding, Trailer, X-Hop\r\nX-Hop: 1\r\nTransfer-Encoding: chunked\r\n";
const INNER = "GET /inner HTTP/1.1\r\nHost: lb.test\r\n\r\n";
const CHUNKS = `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`;

test("a request whose Connection names its Transfer-Encoding is still one request", async () => {
  await using stage = await UpgradeStage.start([
    async ({ head, wire }) => {
      const body = await wire.body(head);
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    },
  ]);
  const wire = await dial(stage.url);
  wire.send(`POST / HTTP/1.1\r\nHost: lb.test\r\n${NAMING}\r\n${CHUNKS}`);
  expect((await readAnswer(wire, "POST")).body.toString()).toBe(INNER);
  wire.send(request("GET", "/next"));
  await readAnswer(wire, "GET");
  expect(stage.backend.seen.map(({ head }) => head.target)).toEqual(["/", "/next"]);
  expect(stage.backend.seen.map(({ head }) => head.field("transfer-encoding"))).toEqual([
    "chunked",
    undefined,
  ]);
  expect(stage.backend.seen[0]?.head.field("x-hop")).toBeUndefined();
  wire.destroy();
});

test("an answer whose Connection names its Transfer-Encoding is still one answer", async () => {
  await using stage = await UpgradeStage.start([
    ({ wire }) => wire.send(`HTTP/1.1 200 OK\r\n${NAMING}\r\n${CHUNKS}`),
  ]);
  const wire = await dial(stage.url);
  for (let turn = 0; turn < 2; turn++) {
    wire.send(request("GET", "/"));
    const { head, body } = await readAnswer(wire, "GET");
    expect([head.field("transfer-encoding"), head.field("x-hop"), body.toString()]).toEqual([
      "chunked",
      undefined,
      INNER,
    ]);
  }
  wire.destroy();
});
