import { expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { ScriptedFront } from "./scripted-front.ts";

const BACKENDS = ["http://192.0.2.7", "http://192.0.2.8"];

test("as much of a body is kept for another try as was asked for", async () => {
  for (const [replayLimitBytes, sent, isTriedAgain] of [
    [0, 1, false],
    [10, 10, true],
    [10, 11, false],
    [200_000, 150_000, true],
  ] as const) {
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, replayLimitBytes });
    const client = front.client();
    client.receive(request("PUT", "/", [`Content-Length: ${sent + 1}`]));
    client.receive("a".repeat(sent));
    front.backend().lose();
    if (isTriedAgain) expect(front.backend().taken()).toEndWith(`\r\n\r\n${"a".repeat(sent)}`);
    else expect(client.taken()).toStartWith("HTTP/1.1 502 ");
  }
});

test("without a body a request is tried again even if nothing may be kept", async () => {
  const front = await ScriptedFront.listen({}, { backends: BACKENDS, replayLimitBytes: 0 });
  const client = front.client();
  client.receive(request("GET", "/"));
  front.backend().lose();
  expect(front.backend().taken()).toStartWith("GET / ");
});
