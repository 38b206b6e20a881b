/** Pools and routes that change while requests are under way. */
import { expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import type { SharedState } from "../../src/shared-state/shared-state.ts";
import { type Script, ScriptedBody, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { API, ok, POOLS, poolsBalancer, SHADOW, to, WEB } from "./served-pools.ts";

const BASE = { healthCheck: false } as const;

test("requests go by the routes that there are when they come", async () => {
  const { lb, transport } = poolsBalancer({ routes: [{ pool: "api" }] });
  await lb.fetch(to("/"));
  lb.reconfigure({
    ...BASE,
    pools: { web: POOLS.web, fresh: { backends: ["http://fresh:1"] } },
    routes: [{ match: { path: "/fresh" }, pool: "fresh" }, { pool: "web" }],
  });
  await lb.fetch(to("/"));
  await lb.fetch(to("/fresh"));
  expect(transport.origins).toEqual([API, WEB, "http://fresh:1"]);
  expect(lb.status().backends.map(({ pool }) => pool)).toEqual(["web", "fresh"]);
});

test("a pool that stays keeps what is known of its backends; one that is gone finishes what it has", async () => {
  let body: ScriptedBody | undefined;
  const script: Script = ({ outbound, signal }) => {
    if (outbound.target !== "/stream") return new Response("ok");
    body = new ScriptedBody(signal);
    return new Response(body.stream);
  };
  const { lb } = poolsBalancer(
    { routes: [{ match: { path: "/stream" }, pool: "api" }, { pool: "web" }] },
    script,
  );
  const stream = await lb.fetch(to("/stream"));
  await (await lb.fetch(to("/"))).text();
  for (let reload = 0; reload < 100; reload++) {
    lb.reconfigure({ ...BASE, pools: { web: POOLS.web }, retries: reload % 3 });
  }
  expect(lb.status()).toMatchObject({ backends: [{ pool: "web", requests: 1 }], inFlight: 1 });
  body?.push("all of ");
  body?.push("it");
  body?.end();
  expect(await stream.text()).toBe("all of it");
  await settled();
  expect(lb.status().inFlight).toBe(0);
});

test("checks go on for what stays, begin for what is new, and end for what is gone", async () => {
  const checked = new Map<string, number>();
  const { lb, clock } = poolsBalancer(
    { healthCheck: { intervalMs: 1_000, timeoutMs: 500 }, routes: [{ pool: "api" }] },
    ({ backend, outbound }) => {
      if (outbound.target === "/health") checked.set(backend.origin, (checked.get(backend.origin) ?? 0) + 1);
      return new Response("ok");
    },
  );
  lb.start();
  await clock.run(10_500);
  checked.clear();
  lb.reconfigure({
    healthCheck: { intervalMs: 1_000, timeoutMs: 500 },
    pools: { web: POOLS.web, fresh: { backends: ["http://fresh:1"] } },
    routes: [{ pool: "web" }],
  });
  await clock.run(10_000);
  expect([...checked.keys()].sort()).toEqual(["http://fresh:1", WEB]);
  expect([...checked.values()].every((count) => count >= 9 && count <= 12)).toBe(true);
  await lb.drain();
});

test("if a picker of the user's cannot be made, nothing has changed", async () => {
  const { lb, transport } = poolsBalancer({ routes: [{ pool: "api" }] }, ok);
  const before = lb.status();
  const bad = () => {
    throw new Error("no picker today");
  };
  expect(() =>
    lb.reconfigure({
      ...BASE,
      pools: { api: { backends: ["http://other:1"] }, web: { ...POOLS.web, algorithm: bad } },
      routes: [{ pool: "api" }],
    }),
  ).toThrow("no picker today");
  expect(lb.status()).toEqual(before);
  await lb.fetch(to("/"));
  expect(transport.origins).toEqual([API]);
});

test("if what stands over the pools cannot be made, they have not changed either", async () => {
  const transport = new ScriptedTransport(ok);
  const shared: SharedState = {
    rateLimiter() {
      throw new Error("no store today");
    },
  };
  const lb = createLoadBalancer({ ...BASE, pools: POOLS, routes: [{ pool: "api" }] }, { transport, shared });
  const next: LoadBalancerConfig = {
    ...BASE,
    pools: { api: { backends: ["http://other:1"] } },
    middleware: [{ rateLimit: { requests: 1, windowMs: 1_000 } }],
  };
  expect(() => lb.reconfigure(next)).toThrow("no store today");
  await lb.fetch(to("/"));
  expect(transport.origins).toEqual([API]);
  expect(lb.status().backends.map(({ url }) => url)).toEqual([API, WEB, SHADOW]);
});

test("a rate limit goes on counting, wherever its route stands, and begins anew if it is another one", async () => {
  const limited = (requests: number) => ({
    name: "limited",
    pool: "api",
    middleware: [{ rateLimit: { requests, windowMs: 60_000 } }],
  });
  const client = { address: "192.0.2.7", port: 1, tls: false, protocol: "1.1" };
  const { lb } = poolsBalancer({ routes: [limited(2)] });
  const statusOf = async () => (await lb.fetch(to("/"), client)).status;
  expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 429]);
  lb.reconfigure({ ...BASE, pools: POOLS, routes: [{ match: { path: "/new" }, pool: "web" }, limited(2)] });
  expect(await statusOf()).toBe(429);
  lb.reconfigure({ ...BASE, pools: POOLS, routes: [limited(3)] });
  expect(await statusOf()).toBe(200);
});
