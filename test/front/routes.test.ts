/** Requests on one connection that go different ways: as bytes where nobody looks at them, as a `Request` elsewhere. */
import { describe, expect, test } from "bun:test";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { request } from "../raw/client.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

const POOLS = {
  api: { backends: ["http://10.0.0.1:80"] },
  web: { backends: ["http://10.0.0.2:80"] },
} as const;

const marking: Middleware = async (incoming, next) => {
  const response = await next(incoming);
  response.headers.set("x-marked", "yes");
  return response;
};

function routed() {
  return VirtualFront.start({
    pools: POOLS,
    routes: [
      { match: { path: "/api/*" }, pool: "api" },
      { match: { path: "/marked/*" }, pool: "web", middleware: [marking] },
      { match: { path: "/web/*", method: ["GET"] }, pool: "web" },
    ],
  });
}

function requestsByPool({ balancer }: VirtualFront): [string | undefined, number][] {
  return balancer.status().backends.map(({ pool, requests }) => [pool, requests]);
}

describe("requests on one connection", () => {
  test("go to the pools of their routes, and their answers keep their order", async () => {
    const front = await routed();
    const client = front.client();
    client.receive(request("GET", "/api/1") + request("GET", "/web/2") + request("GET", "/api/3"));
    const api = front.backend();
    expect(api.written).toStartWith("GET /api/1 HTTP/1.1\r\n");
    api.receive(answer("one"));
    front.backend().receive(answer("two"));
    expect(api.written).toContain("GET /api/3 HTTP/1.1\r\n");
    api.receive(answer("three"));
    expect(client.written).toMatch(/one[\s\S]*two[\s\S]*three$/);
    expect(statuses(client)).toEqual([200, 200, 200]);
    expect(requestsByPool(front)).toEqual([
      ["api", 2],
      ["web", 1],
    ]);
  });

  test("pass as the bytes that they are where nobody looks at them, and through middlewares elsewhere", async () => {
    const front = await routed();
    const client = front.client();
    client.receive(request("GET", "/web/a", ["X-MiXed: 1"]));
    const web = front.backend();
    expect(web.written).toContain("X-MiXed: 1\r\n");
    web.receive(answer("plain"));
    expect(client.written).not.toContain("x-marked");
    client.receive(request("GET", "/marked/a"));
    await settled();
    web.receive(answer("marked"));
    await settled();
    expect(client.written.toLowerCase()).toContain("x-marked: yes\r\n");
    client.receive(request("GET", "/web/b"));
    web.receive(answer("again"));
    expect(statuses(client)).toEqual([200, 200, 200]);
  });

  test("are answered 404 if no route is for them, and the connection goes on", async () => {
    const front = await routed();
    const client = front.client();
    client.receive(request("POST", "/web/a", ["Content-Length: 2"], "hi"));
    await settled();
    client.receive(request("GET", "/lb-status"));
    await settled();
    expect(statuses(client)).toEqual([404, 200]);
    expect(front.dialled).toBe(0);
  });

  test("go by other routes from one to the next when the config changes", async () => {
    const front = await routed();
    const client = front.client();
    client.receive(request("GET", "/api/1"));
    front.backend().receive(answer("one"));
    front.balancer.reconfigure({
      pools: POOLS,
      healthCheck: false,
      routes: [{ match: { path: "/api/*" }, pool: "web" }],
    });
    client.receive(request("GET", "/api/2"));
    front.backend().receive(answer("two"));
    expect(requestsByPool(front)).toEqual([
      ["api", 1],
      ["web", 1],
    ]);
  });
});
