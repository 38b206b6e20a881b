/** Requests that routes divide among several pools. */
import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/config/problem.ts";
import { answeredAfter } from "../proxy/scripted-balancer.ts";
import { silence } from "../simulation/scripted-transport.ts";
import { API, ok, poolsBalancer, SHADOW, to, WEB } from "./served-pools.ts";

const CLIENT = { address: "192.0.2.7", port: 1, tls: false, protocol: "1.1" };

describe("routes", () => {
  test("send each request to the pool of the first that matches", async () => {
    const { lb, transport } = poolsBalancer({
      routes: [
        { match: { path: "/v1/*" }, pool: "api" },
        { match: { path: "/v1/*", headers: { "x-new": true } }, pool: "shadow" },
        { match: { host: "www.example.com" }, pool: "web" },
      ],
    });
    await lb.fetch(to("/v1/users"));
    await lb.fetch(to("/v1/users", { headers: { "x-new": "" } }));
    await lb.fetch(to("/", { headers: { host: "www.example.com:8080" } }));
    expect(transport.origins).toEqual([API, SHADOW, WEB]);
  });

  test("answer 404 what none is for, and say nothing of what there is", async () => {
    const { lb, transport } = poolsBalancer({ routes: [{ match: { path: "/v1/*" }, pool: "api" }] });
    const answer = await lb.fetch(to("/v2"));
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "No route is for this request.",
    });
    expect(transport.tries).toEqual([]);
  });

  test("know the client by what trusted proxies say", async () => {
    const { lb, transport } = poolsBalancer({
      trustedProxies: ["192.0.2.0/24"],
      routes: [{ match: { client: ["203.0.113.0/24"] }, pool: "api" }, { pool: "web" }],
    });
    await lb.fetch(to("/", { headers: { "x-forwarded-for": "203.0.113.9" } }), CLIENT);
    await lb.fetch(to("/", { headers: { "x-forwarded-for": "203.0.113.9" } }), {
      ...CLIENT,
      address: "198.51.100.1",
    });
    expect(transport.origins).toEqual([API, WEB]);
  });

  test("have time limits of their own, or the pool's", async () => {
    const balancer = poolsBalancer(
      {
        timeoutMs: 5_000,
        routes: [{ match: { path: "/fast" }, pool: "api", timeoutMs: 500 }, { pool: "api" }],
      },
      ({ signal }) => silence(signal),
    );
    const fast = await answeredAfter(balancer, balancer.lb.fetch(to("/fast")));
    expect([fast.response.status, fast.ms < 700]).toEqual([504, true]);
    const slow = await answeredAfter(balancer, balancer.lb.fetch(to("/slow")));
    expect([slow.response.status, slow.ms >= 5_000]).toEqual([504, true]);
  });

  test("let the urgent wait before others", async () => {
    const releases: (() => void)[] = [];
    const { lb, transport } = poolsBalancer(
      {
        maxInFlight: 1,
        routes: [
          { match: { path: "/urgent" }, pool: "api", queuePriority: 0 },
          { pool: "api", queuePriority: 9 },
        ],
      },
      () => {
        const { promise, resolve } = Promise.withResolvers<Response>();
        releases.push(() => resolve(new Response("ok")));
        return promise;
      },
    );
    const answers = ["/first", "/late", "/urgent"].map((path) => lb.fetch(to(path)));
    for (const [index, answer] of [answers[0], answers[2], answers[1]].entries()) {
      while (releases.length <= index) await Promise.resolve();
      releases[index]?.();
      await (await answer)?.text();
    }
    expect(transport.tries.map(({ outbound }) => outbound.target)).toEqual(["/first", "/urgent", "/late"]);
  });

  test("divide requests by weight, and by what clients say of themselves", async () => {
    const { lb, transport } = poolsBalancer({
      routes: [
        { match: { path: "/turns" }, split: { pools: { web: 3, api: 1 } } },
        { match: { path: "/sticky" }, split: { pools: { web: 1, api: 1 }, by: "header:x-user" } },
      ],
    });
    for (let request = 0; request < 8; request++) await lb.fetch(to("/turns"));
    expect(transport.origins.filter((origin) => origin === API)).toHaveLength(2);
    const parts = new Map<string, Set<string>>();
    for (let request = 0; request < 60; request++) {
      const user = `user-${request % 20}`;
      await lb.fetch(to("/sticky", { headers: { "x-user": user } }));
      const part = parts.get(user) ?? new Set();
      parts.set(user, part.add(transport.origins.at(-1) as string));
    }
    expect([...parts.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...parts.values()].flatMap((part) => [...part]))).toEqual(new Set([API, WEB]));
  });
});

describe("several pools", () => {
  test("are told apart in the status", async () => {
    const { lb } = poolsBalancer({ routes: [{ pool: "api" }] });
    await (await lb.fetch(to("/"))).text();
    expect(lb.status().backends.map(({ pool, url, requests }) => [pool, url, requests])).toEqual([
      ["api", API, 1],
      ["web", WEB, 0],
      ["shadow", SHADOW, 0],
    ]);
  });

  test("are each checked, and each known by itself though a backend is in two", async () => {
    const { lb, clock, changes } = poolsBalancer(
      {
        pools: {
          api: { backends: [API], healthCheck: { path: "/api-up" } },
          web: { backends: [API], healthCheck: { path: "/web-up" } },
        },
        healthCheck: { intervalMs: 1_000, timeoutMs: 500 },
        routes: [{ match: { path: "/api" }, pool: "api" }, { pool: "web" }],
      },
      ({ outbound }) => new Response(null, { status: outbound.target === "/web-up" ? 500 : 200 }),
    );
    lb.start();
    await clock.run(5_000);
    expect(lb.status().backends.map(({ pool, state }) => [pool, state])).toEqual([
      ["api", "up"],
      ["web", "down"],
    ]);
    expect(changes).toHaveLength(2);
    expect((await lb.fetch(to("/api"))).status).toBe(200);
    expect((await lb.fetch(to("/"))).status).toBe(503);
    await lb.drain();
  });

  test("have their backends changed by name", async () => {
    const { lb, transport } = poolsBalancer({ routes: [{ pool: "api" }] });
    lb.setBackends(["http://new:1"], "api");
    await lb.fetch(to("/"));
    expect(transport.origins).toEqual(["http://new:1"]);
    expect(() => lb.setBackends([API])).toThrow(
      new ConfigError("pool: found no name, expected api, web, shadow"),
    );
    expect(() => lb.setBackends([API], "apo")).toThrow('pool: found the unknown pool "apo"');
  });

  test("without routes are refused; with one there need be none", async () => {
    expect(() => poolsBalancer({})).toThrow("routes: found none, expected which requests go to");
    const { lb, transport } = poolsBalancer({ pools: { api: { backends: [API] } } }, ok);
    await lb.fetch(to("/any"));
    expect(transport.origins).toEqual([API]);
    expect(lb.status().backends[0]?.pool).toBe("api");
  });
});
