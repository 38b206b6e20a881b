import { expect, test } from "bun:test";
import { refused } from "../simulation/scripted-transport.ts";
import { ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const [A, B] = ORIGINS;
const get = () => new Request("http://lb/");

test("nothing happens before it is asked: no timer, no probe", () => {
  const { clock, transport } = scriptedBalancer(() => new Response("ok"), { healthCheck: {} });
  expect(clock.pending).toBe(0);
  expect(transport.tries).toHaveLength(0);
});

test("the first request begins the checks; start twice begins them once", async () => {
  const { lb, clock, transport } = scriptedBalancer(() => new Response("ok"), { healthCheck: {} });
  lb.start();
  lb.start();
  await clock.run(100);
  expect(transport.tries.map(({ outbound }) => outbound.target)).toEqual(["/health", "/health", "/health"]);
  await lb.fetch(get());
  expect(transport.tries).toHaveLength(4);
});

test("a backend that traffic found dead is asked within a second, and back when it answers", async () => {
  let isDown = false;
  const { lb, clock, changes } = scriptedBalancer(
    ({ backend }) => {
      if (isDown && backend.origin === A) throw refused();
      return new Response("ok");
    },
    { healthCheck: { intervalMs: 10_000 } },
  );
  lb.start();
  await clock.run(100);
  isDown = true;
  for (let count = 0; count < 3; count++) expect((await lb.fetch(get())).status).toBe(200);
  expect(lb.status().backends[0]).toMatchObject({ url: A, alive: false, state: "down" });
  isDown = false;
  await clock.run(1_000);
  expect(lb.status().backends[0]).toMatchObject({ alive: true, state: "up" });
  expect(changes.map(({ backend, available, byTraffic }) => [backend.origin, available, byTraffic])).toEqual([
    ...ORIGINS.map((origin) => [origin, true, false]),
    [A, false, true],
    [A, true, false],
  ]);
});

test("setBackends begins checks of the new, stops those of the removed, and keeps what is known", async () => {
  const { lb, clock, transport } = scriptedBalancer(
    ({ backend }) => new Response(null, { status: backend.origin === B ? 503 : 200 }),
    { healthCheck: {} },
  );
  lb.start();
  await clock.run(100);
  lb.setBackends([B, "http://new:1"]);
  expect(lb.status().backends.map(({ url, state }) => [url, state])).toEqual([
    [B, "down"],
    ["http://new:1", "unchecked"],
  ]);
  const before = transport.tries.length;
  await clock.run(12_000);
  const probed = transport.origins.slice(before);
  expect(new Set(probed)).toEqual(new Set([B, "http://new:1"]));
  expect(lb.status().backends[1]?.state).toBe("up");
});

test("stop ends the checks for good", async () => {
  const { lb, clock, transport } = scriptedBalancer(() => new Response("ok"), { healthCheck: {} });
  lb.start();
  await clock.run(100);
  await lb.drain();
  expect(clock.pending).toBe(0);
  lb.start();
  lb.setBackends(["http://new:1"]);
  await clock.run(60_000);
  expect(transport.tries).toHaveLength(3);
});
