import { expect, test } from "bun:test";
import { readAnswer, request } from "../raw/client.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { TimedStage } from "./timed-stage.ts";

const answerOk = async () => new Response("ok");

/** A connection's time is looked at this often, in milliseconds. */
const COARSE_MS = 6_000;

test("a kept connection is ended in order when its time is over, not before, and each request renews it", async () => {
  await using stage = await TimedStage.start(answerOk, { keepAliveMs: 20_000 });
  const wire = await stage.asked();
  await readAnswer(wire, "GET");
  await stage.clock.run(19_000);
  wire.send(request("GET", "/"));
  expect((await readAnswer(wire, "GET")).head.status).toBe(200);
  await stage.clock.run(19_000);
  expect(wire.isSpent).toBe(false);
  await stage.passing(COARSE_MS, "it was ended", () => wire.isSpent);
});

test("a head that does not come whole in its time is answered 408, however it drips", async () => {
  await using stage = await TimedStage.start(answerOk, { headTimeoutMs: 10_000 });
  const wire = await stage.dial();
  wire.send("GET / HTTP/1.1\r\n");
  const begunMs = stage.clock.nowMs();
  let lines = 0;
  let status = 0;
  const answered = readAnswer(wire, "GET").then(({ head }) => {
    status = head.status;
  });
  await stage.passing(10_000 + COARSE_MS, "it was refused", () => {
    if (status === 0 && stage.clock.nowMs() - begunMs > lines * 1_000) wire.send(`X-Line-${lines++}: 1\r\n`);
    return status !== 0;
  });
  await answered;
  expect(status).toBe(408);
  expect(lines).toBeGreaterThan(8);
});

test("one connection more than there may be is answered 503 at once", async () => {
  await using stage = await TimedStage.start(answerOk, { maxConnections: 3 });
  const inside = [await stage.asked(), await stage.asked(), await stage.asked()];
  for (const wire of inside) expect((await readAnswer(wire, "GET")).head.status).toBe(200);
  const outside = await stage.dial();
  expect((await readAnswer(outside, "GET")).head.status).toBe(503);
  expect((await outside.rest()).length).toBe(0);
  inside[0]?.end();
  await inside[0]?.closed;
  const next = await stage.asked();
  expect((await readAnswer(next, "GET")).head.status).toBe(200);
});

test("a TLS handshake that does not end in a head's time is closed", async () => {
  const { server } = await makeCertificates();
  await using stage = await TimedStage.start(answerOk, { headTimeoutMs: 10_000, tls: server });
  const wire = await stage.dial();
  await stage.clock.run(9_000);
  expect(wire.isSpent).toBe(false);
  await stage.passing(COARSE_MS, "it was closed", () => wire.isSpent);
});
