import { expect, test } from "bun:test";
import { Outcome } from "../../src/core/outcome.ts";
import { reset, ScriptedBody, ScriptedFailure } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { ORIGINS, scriptedBalancer, streamingPost, streamOf } from "./scripted-balancer.ts";

const [A, B, C] = ORIGINS;
const get = (path = "/") => new Request(`http://lb${path}`);

test("a backend that answers 503 is ejected after five, by default, and tried again after 30 s", async () => {
  let isBad = true;
  const { lb, clock, transport, changes } = scriptedBalancer(
    ({ backend }) => new Response(null, { status: isBad && backend.origin === A ? 503 : 200 }),
  );
  const statuses: number[] = [];
  for (let count = 0; count < 100; count++) statuses.push((await lb.fetch(get())).status);
  expect(statuses.filter((status) => status === 503)).toHaveLength(5);
  expect(transport.origins.filter((origin) => origin === A)).toHaveLength(5);
  expect(lb.status().backends[0]).toMatchObject({
    alive: false,
    state: "ejected",
    ejections: 1,
    failures: 5,
  });
  isBad = false;
  await clock.run(30_000);
  for (let count = 0; count < 3; count++) await lb.fetch(get());
  expect(transport.origins.filter((origin) => origin === A)).toHaveLength(6);
  expect(changes.map(({ backend, state, reason }) => [backend.origin, state, reason])).toEqual([
    [A, "ejected", "5 gateway failures in a row, for 30 s"],
    [A, "unchecked", "ejected for 30 s, now tried again"],
  ]);
});

test("a good check brings it back early; live traffic decides again", async () => {
  const { lb, clock, changes } = scriptedBalancer(
    ({ backend, outbound }) =>
      new Response(null, { status: backend.origin === A && outbound.target !== "/health" ? 503 : 200 }),
    { healthCheck: { intervalMs: 2_000 } },
  );
  lb.start();
  await clock.run(100);
  for (let count = 0; count < 30; count++) await lb.fetch(get());
  expect(lb.status().backends[0]?.state).toBe("ejected");
  await clock.run(2_500);
  expect(lb.status().backends[0]?.state).toBe("up");
  for (let count = 0; count < 30; count++) await lb.fetch(get());
  expect(lb.status().backends[0]).toMatchObject({ state: "ejected", ejections: 2 });
  expect(changes.at(-1)?.reason).toBe("5 gateway failures in a row, for 60 s");
});

test("errors of the application's eject nobody unless that is asked for", async () => {
  for (const consecutive5xx of [0, 5]) {
    const { lb } = scriptedBalancer(
      ({ backend }) => new Response(null, { status: backend.origin === A ? 500 : 200 }),
      { outlierDetection: { consecutive5xx } },
    );
    for (let count = 0; count < 60; count++) await lb.fetch(get());
    expect(lb.status().backends[0]?.alive).toBe(consecutive5xx === 0);
  }
});

test("clients' broken bodies eject nobody", async () => {
  const { lb } = scriptedBalancer(async ({ outbound }) => {
    await new Response(outbound.body()).arrayBuffer();
    return new Response("ok");
  });
  for (let count = 0; count < 60; count++) {
    const response = await lb.fetch(streamingPost(streamOf(["one"], new Error("cut"))));
    expect(response.status).toBe(400);
  }
  expect(lb.status().backends.map(({ alive, failures }) => [alive, failures])).toEqual(
    ORIGINS.map(() => [true, 0]),
  );
});

test("answers that break off are failures of the backend's, and so are resets that a retry made good", async () => {
  for (const isReset of [true, false]) {
    const { lb } = scriptedBalancer(({ backend, signal }) => {
      if (backend.origin !== A) return new Response("ok");
      if (isReset) throw reset();
      const body = new ScriptedBody(signal);
      body.push("half");
      body.break();
      return new Response(body.stream);
    });
    for (let count = 0; count < 30; count++) {
      const response = await lb.fetch(get());
      await response.text().catch(() => "broken");
    }
    expect(lb.status().backends.map(({ state }) => state)).toEqual(["ejected", "unchecked", "unchecked"]);
  }
});

test("with outlier detection off, only a refused connection takes a backend out", async () => {
  const { lb } = scriptedBalancer(
    ({ backend }) => new Response(null, { status: backend.origin === A ? 503 : 200 }),
    { outlierDetection: false, circuitBreaker: false },
  );
  for (let count = 0; count < 60; count++) await lb.fetch(get());
  expect(lb.status().backends.map(({ alive }) => alive)).toEqual([true, true, true]);
});

test("a backend at its limit is passed over, and when all are and none may wait, clients are told at once", async () => {
  const bodies: ScriptedBody[] = [];
  const { lb, transport } = scriptedBalancer(
    ({ signal }) => {
      const body = new ScriptedBody(signal);
      bodies.push(body);
      return new Response(body.stream);
    },
    { backends: [A, B, { url: C, maxInFlight: 2 }], maxInFlight: 1, queue: false },
  );
  const responses = [];
  for (let count = 0; count < 4; count++) responses.push(await lb.fetch(get()));
  expect(transport.origins).toEqual([A, B, C, C]);
  expect(
    lb.status().backends.map(({ alive, inFlight, maxInFlight }) => [alive, inFlight, maxInFlight]),
  ).toEqual([
    [true, 1, 1],
    [true, 1, 1],
    [true, 2, 2],
  ]);
  const refused = await lb.fetch(get());
  expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
  bodies[1]?.end();
  await responses[1]?.text();
  expect((await lb.fetch(get())).status).toBe(200);
  expect(transport.origins.at(-1)).toBe(B);
  for (const body of bodies) body.end();
});

test("a breaker leaves a failing backend alone, tries it with a few, and takes it back", async () => {
  let isBad = true;
  const { lb, clock, transport, changes } = scriptedBalancer(
    ({ backend }) => {
      if (isBad && backend.origin === A) throw new ScriptedFailure(Outcome.malformed, "not HTTP");
      return new Response("ok", { headers: { "content-length": "2" } });
    },
    { circuitBreaker: { minRequests: 4 }, outlierDetection: false },
  );
  for (let count = 0; count < 30; count++) expect((await lb.fetch(get())).status).toBe(200);
  expect(transport.origins.filter((origin) => origin === A)).toHaveLength(4);
  isBad = false;
  await clock.run(5_000);
  for (let count = 0; count < 30; count++) await lb.fetch(get());
  expect(changes.map(({ state }) => state)).toEqual(["open", "half-open", "unchecked"]);
  expect(transport.origins.filter((origin) => origin === A).length).toBeGreaterThanOrEqual(4 + 9);
});

test("a drained member finishes what it has and gets nothing new", async () => {
  const bodies: ScriptedBody[] = [];
  const { lb, transport, changes } = scriptedBalancer(({ backend, signal }) => {
    if (backend.origin !== A) return new Response("ok", { headers: { "content-length": "2" } });
    const body = new ScriptedBody(signal);
    bodies.push(body);
    return new Response(body.stream);
  });
  const slow = await lb.fetch(get());
  lb.setBackends([{ url: A, drain: true }, B, C]);
  for (let count = 0; count < 6; count++) await lb.fetch(get());
  expect(transport.origins.filter((origin) => origin === A)).toHaveLength(1);
  expect(lb.status().backends[0]).toMatchObject({ alive: false, state: "draining", inFlight: 1 });
  bodies[0]?.push("done");
  bodies[0]?.end();
  expect(await slow.text()).toBe("done");
  await settled();
  expect(lb.status().backends[0]).toMatchObject({ state: "draining", inFlight: 0, failures: 0 });
  lb.setBackends(["http://a:1;drain", B, C]);
  expect(changes.map(({ state }) => state)).toEqual(["draining"]);
});

test("a member that is added takes up its share slowly", async () => {
  const { lb, clock, transport } = scriptedBalancer(() => new Response("ok"), {
    backends: [A],
    slowStart: { windowMs: 10_000 },
  });
  await lb.fetch(get());
  lb.setBackends([A, B]);
  const before = transport.tries.length;
  for (let count = 0; count < 22; count++) await lb.fetch(get());
  expect(transport.origins.slice(before).filter((origin) => origin === B)).toHaveLength(2);
  await clock.run(10_000);
  for (let count = 0; count < 10; count++) await lb.fetch(get());
  expect(transport.origins.slice(-10).filter((origin) => origin === B)).toHaveLength(5);
  expect(lb.status().backends.map(({ weight }) => weight)).toEqual([1, 1]);
});

test("panic is shown and told, and gives requests to those whose checks fail", async () => {
  const backends = ["http://a:1", "http://b:1", "http://c:1", "http://d:1"];
  const { lb, clock, transport, panics } = scriptedBalancer(
    ({ backend, outbound }) =>
      new Response(null, { status: outbound.target === "/health" && backend.origin !== A ? 500 : 200 }),
    { backends, healthCheck: {} },
  );
  lb.start();
  await clock.run(100);
  const before = transport.tries.length;
  for (let count = 0; count < 8; count++) expect((await lb.fetch(get())).status).toBe(200);
  expect(new Set(transport.origins.slice(before))).toEqual(new Set(backends));
  const status = await (await lb.fetch(get("/lb-status"))).json();
  expect(status).toMatchObject({ panic: true, draining: false });
  expect(panics).toEqual([{ panicking: true, available: 1, members: 4 }]);
});

test("a second tier takes what the first cannot, where that is asked for", async () => {
  const backends = [A, B, "http://standby:1;tier=1"];
  for (const overprovisioning of [0, 1]) {
    const { lb, transport } = scriptedBalancer(() => new Response("ok"), { backends, overprovisioning });
    lb.setBackends([A, { url: B, drain: true }, "http://standby:1;tier=1"]);
    for (let count = 0; count < 20; count++) await lb.fetch(get());
    const spilt = transport.origins.filter((origin) => origin === "http://standby:1");
    expect(spilt).toHaveLength(overprovisioning === 0 ? 0 : 10);
  }
});

test("a backend may be checked in its own way, also when that is set while it runs", async () => {
  const { lb, clock, transport } = scriptedBalancer(() => new Response("all is well"), {
    backends: [A, { url: B, healthCheck: { path: "/own", body: "well" } }],
    healthCheck: { path: "/up" },
  });
  lb.start();
  await clock.run(100);
  const asked = () => transport.tries.map(({ backend, outbound }) => [backend.origin, outbound.target]);
  expect(asked()).toEqual([
    [A, "/up"],
    [B, "/own"],
  ]);
  lb.setBackends([A, B, { url: C, healthCheck: { path: "/third" } }]);
  await clock.run(12_000);
  expect(asked().slice(2)).toEqual(
    expect.arrayContaining([
      [A, "/up"],
      [B, "/up"],
      [C, "/third"],
    ]),
  );
});
