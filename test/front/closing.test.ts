import { expect, test } from "bun:test";
import { dial, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { TimedStage } from "./timed-stage.ts";

const answerOk = async () => new Response("ok");

/** More than a kernel holds for a connection on loopback. */
const HUGE = new Uint8Array(64_000_000).fill(120);
/** As much as it does. */
const LARGE = new Uint8Array(1_000_000).fill(120);

/** Reads an answer's status, whether it is the connection's last, and how long its body is. */
async function answerOn(wire: Wire): Promise<[status: number, isLast: boolean, length: number]> {
  const { head, body } = await readAnswer(wire, "GET");
  return [head.status, head.field("connection")?.toLowerCase() === "close", body.length];
}

test("a connection that was just let in gets its first answer, and no second one", async () => {
  await using stage = await TimedStage.start(answerOk);
  const wire = await stage.dial();
  await stage.refuse();
  await stage.clock.run(500);
  wire.send(request("GET", "/"));
  expect(await answerOn(wire)).toEqual([200, true, 2]);
  expect((await wire.rest()).length).toBe(0);
  await stage.closed(1_000);
});

test("so does one whose head was under way", async () => {
  await using stage = await TimedStage.start(answerOk);
  const wire = await stage.dial();
  const [first, rest] = [request("GET", "/").slice(0, 20), request("GET", "/").slice(20)];
  wire.send(first);
  await stage.refuse();
  await stage.clock.run(500);
  wire.send(rest);
  expect(await answerOn(wire)).toEqual([200, true, 2]);
  await stage.closed(1_000);
});

test("one on which no request comes is ended in order a second later", async () => {
  await using stage = await TimedStage.start(answerOk);
  const wire = await stage.dial();
  await stage.refuse();
  await stage.passing(1_500, "it was ended", () => wire.isSpent);
  await stage.closed(100);
});

test("one that is kept and idle is ended in order at once", async () => {
  await using stage = await TimedStage.start(answerOk);
  const wire = await stage.asked();
  expect(await answerOn(wire)).toEqual([200, false, 2]);
  await stage.clock.run(10_000);
  await stage.refuse();
  await stage.passing(100, "it was ended", () => wire.isSpent);
  await stage.closed(100);
});

test("one whose answer began before and ends later gets another, which is the last", async () => {
  let end = () => {};
  const slow = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("be"));
      end = () => {
        controller.enqueue(new TextEncoder().encode("gun"));
        controller.close();
      };
    },
  });
  const bodies: BodyInit[] = [slow, "ok"];
  await using stage = await TimedStage.start(async () => new Response(bodies.shift()));
  const wire = await stage.asked();
  const head = await wire.head();
  await stage.refuse();
  await stage.clock.run(10_000);
  expect([stage.isClosed, wire.isSpent]).toEqual([false, false]);
  end();
  expect((await wire.body(head)).toString()).toBe("begun");
  wire.send(request("GET", "/"));
  expect(await answerOn(wire)).toEqual([200, true, 2]);
  await stage.closed(1_000);
});

test("or is ended a moment later", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream({
    async pull(controller) {
      await promise;
      controller.close();
    },
  });
  await using stage = await TimedStage.start(async () => new Response(body));
  const wire = await stage.asked();
  const head = await wire.head();
  await stage.refuse();
  resolve();
  expect((await wire.body(head)).length).toBe(0);
  await stage.passing(1_000, "it was ended", () => wire.isSpent);
  await stage.closed(100);
});

for (const [how, ...fields] of [
  ["is kept and idle", ""],
  ["was told that it is the last", "Connection: close"],
] as const) {
  test(`an answer that its client has not read yet arrives, on a connection that ${how}`, async () => {
    await using stage = await TimedStage.start(async () => new Response(LARGE));
    const wire = await stage.asked(...fields.filter((field) => field !== ""));
    const head = await wire.head();
    wire.socket.pause();
    await stage.clock.run(10_000);
    await stage.refuse();
    await stage.closed(5_000);
    wire.socket.resume();
    expect((await wire.body(head)).length).toBe(LARGE.length);
    await wire.rest();
  });
}

test("what not even the kernel has taken yet is waited for", async () => {
  await using stage = await TimedStage.start(async () => new Response(HUGE));
  const wire = await stage.asked("Connection: close");
  const head = await wire.head();
  wire.socket.pause();
  await stage.refuse();
  await stage.clock.run(10_000);
  expect(stage.isClosed).toBe(false);
  wire.socket.resume();
  expect((await wire.body(head)).length).toBe(HUGE.length);
  await stage.closed(5_000);
});

test("but not for ever", async () => {
  await using stage = await TimedStage.start(async () => new Response(HUGE));
  const wire = await stage.asked("Connection: close");
  await wire.head();
  wire.socket.pause();
  stage.close(10 * 60_000);
  await stage.clock.run(30_000);
  expect(stage.isClosed).toBe(false);
  await stage.clock.run(32_000);
  await stage.closed(1_000);
  wire.destroy();
});

test("requests that take longer than the grace are cut", async () => {
  await using stage = await TimedStage.start(() => new Promise<Response>(() => {}));
  const wire = await stage.asked();
  stage.close(5_000);
  await stage.clock.run(4_900);
  expect([stage.isClosed, wire.isSpent]).toEqual([false, false]);
  await stage.closed(200);
  expect((await wire.rest()).length).toBe(0);
});

test("a TLS handshake that does not go on holds nothing back", async () => {
  const { server } = await makeCertificates();
  await using stage = await TimedStage.start(answerOk, { tls: server });
  const wire = await stage.dial();
  await stage.refuse();
  await stage.closed(1_500);
  expect((await wire.rest()).length).toBe(0);
});

test("its queue is emptied while it still accepts, and it is closed after that", async () => {
  const asked: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await using stage = await TimedStage.start(answerOk, {
    emptyQueue: async ({ port, fd }, atMostMs) => {
      asked.push([port, typeof fd, atMostMs]);
      await promise;
    },
  });
  stage.close(5_000);
  await stage.passing(1_000, "it was asked", () => asked.length > 0);
  const wire = await stage.asked();
  expect(await answerOn(wire)).toEqual([200, true, 2]);
  expect(stage.isRefusing).toBe(false);
  resolve();
  await stage.closed(1_000);
  expect(asked).toEqual([[Number(new URL(stage.url).port), "number", 4_800]]);
  expect(await dial(stage.url).catch(({ code }) => code)).toBe("ECONNREFUSED");
});

test("a connection that comes after a quiet time has as long as any", async () => {
  await using stage = await TimedStage.start(answerOk);
  (await stage.asked("Connection: close")).destroy();
  await stage.clock.run(600_000);
  const wire = await stage.dial();
  await stage.clock.run(50_000);
  wire.send(request("GET", "/"));
  expect(await answerOn(wire)).toEqual([200, false, 2]);
  wire.destroy();
});
