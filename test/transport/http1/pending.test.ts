import { expect, test } from "bun:test";
import { Outcome } from "../../../src/core/outcome.ts";
import { createLoadBalancer } from "../../../src/load-balancer.ts";
import { http1Transport } from "../../../src/transport/http1.ts";
import { answerOk, RawBackend } from "../../raw/backend.ts";
import { until } from "../../raw/within.ts";
import { backendAt, outbound, rejection, UNTROUBLED, Way } from "./sent.ts";

const NO_ROOM = { outcome: Outcome.noRoom, message: "too many requests wait for a connection" };

test("requests whose connection is being made wait for it, and only so many may", async () => {
  await Way.with(undefined, { maxPending: 3 }, async (way) => {
    const sent = Array.from({ length: 3 }, () => way.get());
    expect(way.state).toEqual({ open: 3, idle: 0, waiting: 3 });
    expect(await way.failure(outbound("POST", "/", "x"))).toEqual(NO_ROOM);
    for (const response of sent) expect((await response).status).toBe(200);
    expect(way.state).toEqual({ open: 3, idle: 3, waiting: 0 });
    expect(way.raw.seen).toHaveLength(3);
  });
});

test("idle connections are taken however many wait, and a limit that was met is there again", async () => {
  await Way.with(undefined, { maxPending: 2 }, async (way) => {
    for (let turn = 0; turn < 10; turn++) {
      const { idle } = way.state;
      expect(idle).toBe(2 * turn);
      const sent = Array.from({ length: idle + 3 }, () => way.get().catch(() => undefined));
      const answers = await Promise.all(sent);
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(idle + 2);
    }
    expect(way.state.waiting).toBe(0);
  });
});

test("requests that wait for a connection to become free count in the same", async () => {
  await Way.with(
    () => {},
    { maxOpen: 1, maxPending: 1 },
    async (way) => {
      const controller = new AbortController();
      const first = rejection(way.send(outbound("GET"), controller.signal));
      await way.raw.nextAfter(0);
      expect(way.state.waiting).toBe(0);
      const second = rejection(way.send(outbound("GET"), controller.signal));
      expect(await way.failure(outbound("GET"))).toEqual(NO_ROOM);
      controller.abort();
      await Promise.all([first, second]);
      await until("nobody waits", () => way.state.open === 0 && way.state.waiting === 0);
    },
  );
});

test("whatever ends the wait for a connection ends its part in the limit", async () => {
  // It accepts, and never does its part of the handshake: the connection is never made.
  const raw = await RawBackend.listen();
  const backend = backendAt(`https://127.0.0.1:${raw.port}`);
  const transport = http1Transport({ maxPending: 2, connectTimeoutMs: 200 });
  const send = (signal = UNTROUBLED) => transport.send(backend, outbound("GET"), { signal });
  const outcome = async (sent: Promise<unknown>) => transport.failure(await rejection(sent)).outcome;
  const controller = new AbortController();
  const leaving = rejection(send(controller.signal));
  const late = outcome(send());
  expect(await outcome(send())).toBe(Outcome.noRoom);
  controller.abort();
  await leaving;
  const next = outcome(send());
  expect(await outcome(send())).toBe(Outcome.noRoom);
  expect(await late).toBe(Outcome.connectFailed);
  expect(await next).toBe(Outcome.connectFailed);
  expect(transport.state(backend)).toEqual({ open: 0, idle: 0, waiting: 0 });
  await raw.close();
});

test("a request that has no room at one backend is served by another, whatever its method, and nobody is blamed", async () => {
  const stuck = await RawBackend.listen();
  const well = await RawBackend.listen(answerOk);
  const lb = createLoadBalancer(
    { backends: [`https://127.0.0.1:${stuck.port}`, well.url], healthCheck: false, algorithm: "first" },
    { transport: http1Transport({ maxPending: 1 }) },
  );
  const leaving = new AbortController();
  const first = lb.fetch(new Request("http://lb/", { signal: leaving.signal }));
  for (const method of ["GET", "POST", "PATCH"]) {
    const body = method === "GET" ? null : "x";
    expect((await lb.fetch(new Request("http://lb/", { method, body }))).status).toBe(200);
  }
  expect(lb.status().backends[0]).toMatchObject({ alive: true, failures: 0, inFlight: 1 });
  leaving.abort();
  await first;
  await until("it is let go of", () => lb.status().inFlight === 0);
  await Promise.all([stuck.close(), well.close()]);
});
