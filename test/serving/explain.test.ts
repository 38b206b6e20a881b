/** Where a request would go, and why, by routes, splits and pools. */
import { describe, expect, test } from "bun:test";
import type { Explanation } from "../../src/serving/explanation.ts";
import { scriptedBalancer } from "../proxy/scripted-balancer.ts";
import { API, ok, poolsBalancer, to, WEB } from "./served-pools.ts";

const CLIENT = { address: "192.0.2.7", port: 1, tls: false, protocol: "1.1" };

test("the route that matches, its middlewares and its pool", () => {
  const { lb } = poolsBalancer({
    middleware: [{ requestId: {} }],
    routes: [
      { name: "beta", match: { path: "/v1/*", headers: { "x-beta": true } }, pool: "web" },
      {
        name: "user",
        match: { host: "api.example.com", path: "/v1/users/:id" },
        middleware: [
          { stripPrefix: "/v1" },
          function audit(request, next) {
            return next(request);
          },
          (r, n) => n(r),
        ],
        pool: "api",
      },
      { name: "rest", pool: "web" },
    ],
  });
  const request = to("/v1/./users/7?x=1", { headers: { host: "API.example.com:8080" } });
  const explanation = lb.explain(request, CLIENT);
  expect(explanation).toMatchObject({
    request: {
      method: "GET",
      host: "api.example.com",
      path: "/v1/users/7",
      query: "x=1",
      client: "192.0.2.7",
    },
    outcome: `passes its middlewares, and goes to ${API} in pool api`,
    route: "user",
    routes: [
      { name: "user", isMatch: true, reason: "matched" },
      { name: "beta", isMatch: false, reason: "there is no header x-beta" },
      { name: "rest", isMatch: false, reason: "not reached: user matched before" },
    ],
    params: { id: "7" },
    middleware: ["requestId", "stripPrefix", "audit", "4"],
    pools: [
      {
        pool: "api",
        share: 1,
        isChosen: true,
        reason: "the route has no other",
        algorithm: "round-robin",
        key: null,
        decision: "backend",
        backend: API,
      },
    ],
    mirror: null,
  });
  expect(explanation.notes).toHaveLength(1);
  expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
});

test("no route, and a route without a pool", () => {
  const { lb } = poolsBalancer({
    routes: [
      { name: "old", match: { path: "/old/*" }, middleware: [{ redirect: { to: "/new", status: 308 } }] },
      { name: "posts", match: { method: ["POST"] }, pool: "api" },
    ],
  });
  expect(lb.explain(to("/other"))).toMatchObject({
    outcome: "is answered 404: no route is for it",
    route: null,
    routes: [
      { name: "old", reason: "path /other is not below /old/" },
      { name: "posts", reason: "method is GET, expected POST" },
    ],
    pools: [],
  });
  expect(lb.explain(to("/old/page"))).toMatchObject({
    outcome: "is answered by a middleware, or else 404",
    route: "old",
    middleware: ["redirect"],
    pools: [],
    notes: [],
  });
});

describe("a split", () => {
  const routes = [
    { split: { pools: { web: 3, api: 1, shadow: 0 } }, mirror: { pool: "shadow", percent: 10 } },
  ];

  test("says each pool's share, and which one it would be", async () => {
    const { lb, transport } = poolsBalancer({ routes });
    for (let request = 0; request < 8; request++) {
      const { pools, outcome, mirror } = lb.explain(to("/"));
      expect(mirror).toEqual({ pool: "shadow", percent: 10 });
      expect(pools.map(({ pool, share }) => [pool, share])).toEqual([
        ["web", 0.75],
        ["api", 0.25],
        ["shadow", 0],
      ]);
      expect(pools[2]?.reason).toBe("its weight is 0");
      const chosen = pools.find(({ isChosen }) => isChosen);
      expect(outcome).toBe(`goes to ${chosen?.backend} in pool ${chosen?.pool}`);
      transport.tries.splice(0);
      await lb.fetch(to("/"));
      expect(transport.origins.filter((origin) => origin === API || origin === WEB)).toEqual([
        chosen?.backend as typeof API,
      ]);
    }
  });

  test("by a key says so", () => {
    const { lb } = poolsBalancer({ routes: [{ split: { pools: { web: 1, api: 1 }, by: "header:x-user" } }] });
    const { pools } = lb.explain(to("/", { headers: { "x-user": "ada" } }));
    expect(pools.map(({ reason }) => reason).sort()).toEqual([
      `the key "ada" falls in another's part`,
      `the key "ada" falls in its part`,
    ]);
  });
});

test("what it says is what happens, for any request after any other, and asking changes nothing", async () => {
  for (const algorithm of ["round-robin", "least-connections", "ip-hash", "first"] as const) {
    const run = async (asks: boolean) => {
      const { lb, transport } = scriptedBalancer(ok, { algorithm });
      for (let request = 0; request < 20; request++) {
        const client = { ...CLIENT, address: `192.0.2.${request % 5}` };
        const foreseen: Explanation | undefined = asks ? lb.explain(to(`/${request}`), client) : undefined;
        await (await lb.fetch(to(`/${request}`), client)).text();
        if (foreseen !== undefined)
          expect(foreseen.pools[0]?.backend).toBe(transport.origins.at(-1) as string);
      }
      return [transport.origins, lb.status()];
    };
    expect(await run(true)).toEqual(await run(false));
  }
});

test("the key of an algorithm and the session of a client are found as they are for requests", async () => {
  const keyed = scriptedBalancer(ok, { algorithm: "header:x-user" });
  const request = () => to("/", { headers: { "x-user": "ada" } });
  expect(keyed.lb.explain(request()).pools[0]).toMatchObject({
    algorithm: "header:x-user",
    key: { source: "header:x-user", value: "ada" },
  });
  expect(keyed.lb.explain(to("/")).pools[0]?.key).toEqual({ source: "header:x-user", value: "" });
  const sticky = scriptedBalancer(ok, {
    sticky: { by: "cookie", secret: "s".repeat(32) },
    algorithm: "round-robin",
  });
  const answer = await sticky.lb.fetch(to("/"));
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  for (let time = 0; time < 3; time++) {
    const { pools } = sticky.lb.explain(to("/", { headers: { cookie } }));
    expect(pools[0]).toMatchObject({
      backend: sticky.transport.origins[0],
      sessionBackend: sticky.transport.origins[0],
    });
  }
});

test("what no backend is sent says why", () => {
  const { lb } = poolsBalancer({ routes: [{ pool: "api" }] });
  expect(lb.explain(to("/", { headers: { host: "a b" } }))).toMatchObject({
    outcome: "is answered 400: The Host is not a name or address.",
    notes: ["As it came, no backend is sent the request, whatever the pools say."],
  });
});

test("the balancer's own status is no route's", () => {
  const { lb } = poolsBalancer({ statusPath: "/lb-status", routes: [{ pool: "api" }] });
  expect(lb.explain(to("/lb-status?x"))).toMatchObject({
    outcome: "is answered with the balancer's own status",
    route: null,
    routes: [],
    pools: [],
  });
});

test("a queue's priorities are the route's", async () => {
  const { lb } = poolsBalancer(
    {
      maxInFlight: 1,
      queue: { maxWaiting: 1 },
      routes: [
        { match: { path: "/urgent" }, pool: "api", queuePriority: 0 },
        { pool: "api", queuePriority: 9 },
      ],
    },
    () => new Promise(() => {}),
  );
  void lb.fetch(to("/"));
  void lb.fetch(to("/"));
  expect(lb.explain(to("/")).pools[0]?.outcome).toBe(
    "is answered 503: every backend is full, and so is the queue",
  );
  expect(lb.explain(to("/urgent")).pools[0]?.outcome).toBe(
    "waits for a backend with room, where 1 waits already",
  );
});

test("asking begins no checks; while shutting down it says so", async () => {
  const { lb, clock, transport } = scriptedBalancer(ok, {
    healthCheck: { intervalMs: 1_000, timeoutMs: 500 },
  });
  lb.explain(to("/"));
  await clock.run(5_000);
  expect(transport.tries).toEqual([]);
  await lb.drain();
  expect(lb.explain(to("/")).notes).toEqual(["The balancer is shutting down."]);
});

test("a config that came later is what counts", () => {
  const { lb } = poolsBalancer({ routes: [{ name: "one", pool: "api" }] });
  lb.reconfigure({
    healthCheck: false,
    pools: { web: { backends: [WEB] } },
    routes: [{ name: "two", pool: "web" }],
  });
  expect(lb.explain(to("/"))).toMatchObject({ route: "two", outcome: `goes to ${WEB} in pool web` });
});
