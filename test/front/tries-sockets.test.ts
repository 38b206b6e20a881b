/** The same as under the virtual clock, between real sockets. */
import { expect, test } from "bun:test";
import { answerOk, type Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { UpgradeStage } from "./upgrade-stage.ts";

const unavailable: Script = async ({ head, wire }) => {
  await wire.body(head);
  wire.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno");
};

/** Reads the request and says nothing, until the other side has had enough. */
const silent: Script = async ({ head, wire }) => {
  await wire.body(head);
  await wire.closed;
};

test("an answer that is tried again leaves its connection for the next request", async () => {
  await using stage = await UpgradeStage.start([unavailable, answerOk], { config: { retryOn: [503] } });
  const [first, second] = stage.backends;
  const wire = await dial(stage.url);
  for (let turn = 0; turn < 5; turn++) {
    wire.send(request("GET", "/"));
    const { head, body } = await readAnswer(wire, "GET");
    expect([head.status, body.toString()]).toEqual([200, "ok"]);
  }
  expect(first?.seen.length).toBeGreaterThan(1);
  expect([first?.wires.size, second?.wires.size]).toEqual([1, 1]);
});

test("a request with a body goes to a second backend whole, and the first one hears that it is given up", async () => {
  const bodies: string[] = [];
  const noting: Script = async (seen) => {
    bodies.push((await seen.wire.body(seen.head)).toString());
    seen.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  };
  await using stage = await UpgradeStage.start([silent, noting], { config: { hedge: { afterMs: 30 } } });
  const sent = "x".repeat(60_000);
  const put = request("PUT", "/", [`Content-Length: ${sent.length}`, "Connection: close"], sent);
  const { head } = await ask(stage.url, put);
  expect([head.status, bodies]).toEqual([200, [sent]]);
  await until("the first backend's connection is closed", () => stage.backends[0]?.wires.size === 0);
  await stage.inFlight(0);
  expect(stage.balancer.status().backends).toMatchObject([
    { requests: 1, failures: 0, cancelled: 1, alive: true },
    { requests: 1, failures: 0, cancelled: 0 },
  ]);
});

test("many requests at once, each slow one answered by whoever is fast", async () => {
  let turn = 0;
  const sometimesSilent: Script = (seen) => {
    turn += 1;
    return turn % 4 === 0 ? silent(seen) : answerOk(seen);
  };
  await using stage = await UpgradeStage.start([sometimesSilent, answerOk, answerOk], {
    config: { hedge: { afterMs: 20 } },
  });
  const clients = Array.from({ length: 20 }, async (_, client) => {
    const wire = await dial(stage.url);
    for (let round = 0; round < 10; round++) {
      wire.send(request("GET", `/${client}/${round}`));
      const { head, body } = await readAnswer(wire, "GET");
      expect([head.status, body.toString()]).toEqual([200, "ok"]);
    }
    wire.end();
  });
  await Promise.all(clients);
  await stage.inFlight(0);
  const { backends } = stage.balancer.status();
  expect(backends.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);
  expect(backends.reduce((sum, { requests, cancelled }) => sum + requests - cancelled, 0)).toBe(200);
  expect(backends[0]?.cancelled).toBeGreaterThan(0);
});

test("a backend that falls silent in the middle of its answer is let go of, and the answer breaks off", async () => {
  const half: Script = async ({ wire }) => {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    await wire.closed;
  };
  await using stage = await UpgradeStage.start([half], { config: { bodyTimeoutMs: 100 } });
  const wire = await dial(stage.url);
  wire.send(request("GET", "/"));
  expect((await wire.rest()).toString()).toEndWith("\r\n\r\nhalf");
  await until("the backend's connection is closed", () => stage.backend.wires.size === 0);
  expect(stage.balancer.status().backends[0]).toMatchObject({ inFlight: 0, failures: 1 });
});
