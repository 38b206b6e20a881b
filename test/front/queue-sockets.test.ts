/** The same as under the virtual clock, between real sockets. */
import { expect, test } from "bun:test";
import type { Script } from "../raw/backend.ts";
import { dial, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { UpgradeStage } from "./upgrade-stage.ts";

/** Answers, and notes how many requests it had at once. */
function counting() {
  const at = { once: 0, most: 0 };
  const script: Script = async ({ head, wire }) => {
    at.once += 1;
    at.most = Math.max(at.most, at.once);
    const body = await wire.body(head);
    await new Promise((resolve) => setImmediate(resolve));
    // What comes next may be there before this goes on.
    at.once -= 1;
    const text = `${head.target} ${body.length}`;
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
  };
  return { at, script };
}

test("many clients at few places: each gets its own answer, and no backend more than it may have", async () => {
  const [a, b] = [counting(), counting()];
  await using stage = await UpgradeStage.start([a.script, b.script], {
    config: { maxInFlight: 2, queue: { maxWaiting: 100, timeoutMs: 30_000 } },
  });
  const clients = Array.from({ length: 60 }, async (_, client) => {
    const wire = await dial(stage.url);
    for (let round = 0; round < 10; round++) {
      const path = `/${client}/${round}`;
      const body = "x".repeat((client * round * 37) % 5_000);
      wire.send(request("PUT", path, [`Content-Length: ${body.length}`], body));
      const { head, body: got } = await readAnswer(wire, "PUT");
      expect([head.status, got.toString()]).toEqual([200, `${path} ${body.length}`]);
    }
    wire.end();
  });
  await Promise.all(clients);
  await stage.inFlight(0);
  expect([a.at.most, b.at.most]).toEqual([2, 2]);
  expect(stage.balancer.status()).toMatchObject({
    waiting: 0,
    backends: [{ failures: 0 }, { failures: 0 }],
  });
});

test("clients that leave while they wait are never heard of by the backend", async () => {
  const held = Promise.withResolvers<void>();
  const script: Script = async ({ head, wire }) => {
    await wire.body(head);
    await held.promise;
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  };
  await using stage = await UpgradeStage.start([script], { config: { maxInFlight: 1 } });
  const waiting = (count: number) => until(`${count} wait`, () => stage.balancer.status().waiting === count);
  const first = await dial(stage.url);
  first.send(request("GET", "/first"));
  await stage.inFlight(1);
  const leaving = await Promise.all(Array.from({ length: 20 }, () => dial(stage.url)));
  for (const [index, wire] of leaving.entries()) wire.send(request("GET", `/leaving/${index}`));
  await waiting(20);
  const staying = await dial(stage.url);
  staying.send(request("GET", "/staying"));
  await waiting(21);
  for (const wire of leaving) wire.destroy();
  await waiting(1);
  held.resolve();
  expect((await readAnswer(first, "GET")).head.status).toBe(200);
  expect((await readAnswer(staying, "GET")).head.status).toBe(200);
  expect(stage.backend.seen.map(({ head }) => head.target)).toEqual(["/first", "/staying"]);
});

test("a front that closes lets those finish who wait", async () => {
  const { script } = counting();
  const gate = Promise.withResolvers<void>();
  await using stage = await UpgradeStage.start(
    [
      async (seen) => {
        await gate.promise;
        await script(seen);
      },
    ],
    { config: { maxInFlight: 1 } },
  );
  const wires = await Promise.all(Array.from({ length: 5 }, () => dial(stage.url)));
  for (const wire of wires) wire.send(request("GET", "/"));
  await until("four wait", () => stage.balancer.status().waiting === 4);
  const drained = stage.balancer.drain(10_000);
  const closed = stage.close(10_000);
  gate.resolve();
  for (const wire of wires) expect((await readAnswer(wire, "GET")).head.status).toBe(200);
  await Promise.all([drained, closed]);
  expect(stage.balancer.status()).toMatchObject({ inFlight: 0, waiting: 0 });
});
