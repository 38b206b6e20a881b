/** Copies of requests that go to another pool, and are forgotten. */
import { describe, expect, test } from "bun:test";
import { type Script, ScriptedBody } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { API, poolsBalancer, SHADOW, to } from "./served-pools.ts";

function mirrored(script: Script, percent = 100) {
  return poolsBalancer({ routes: [{ pool: "api", mirror: { pool: "shadow", percent } }] }, script);
}

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  to("/save?x=1", { method: "POST", body, headers });

describe("a mirror", () => {
  test("gets the same request, whose answer nobody sees", async () => {
    const bodies: [string, string][] = [];
    const { lb, transport } = mirrored(async ({ backend, outbound }) => {
      bodies.push([backend.origin, await new Response(outbound.body() as BodyInit | null).text()]);
      return new Response(backend.origin);
    });
    const answer = await lb.fetch(post("hello", { "content-length": "5", "x-a": "1" }));
    expect(await answer.text()).toBe(API);
    await settled();
    expect(new Map(bodies)).toEqual(
      new Map([
        [API, "hello"],
        [SHADOW, "hello"],
      ]),
    );
    const sent = transport.tries.map(({ outbound }) => [outbound.method, outbound.target]);
    expect(sent).toEqual([
      ["POST", "/save?x=1"],
      ["POST", "/save?x=1"],
    ]);
    expect(lb.status().inFlight).toBe(0);
  });

  test("costs the client nothing: not its failures, not its silence", async () => {
    const { lb } = mirrored(({ backend }) => {
      if (backend.origin === SHADOW) throw new Error("down");
      return new Response("ok");
    });
    expect((await lb.fetch(to("/"))).status).toBe(200);
    const silent = mirrored(({ backend }) =>
      backend.origin === SHADOW ? new Promise(() => {}) : new Response("ok"),
    );
    expect((await silent.lb.fetch(to("/"))).status).toBe(200);
  });

  test("gets its share", async () => {
    const { lb, transport } = mirrored(() => new Response("ok"), 25);
    for (let request = 0; request < 400; request++) await (await lb.fetch(to("/"))).text();
    await settled();
    const copies = transport.origins.filter((origin) => origin === SHADOW).length;
    expect(copies).toBeGreaterThan(70);
    expect(copies).toBeLessThan(130);
  });

  test("never has more than a hundred under way, nor a body that is long or of unknown length", async () => {
    const { lb, transport } = mirrored(({ backend }) =>
      backend.origin === SHADOW ? new Promise(() => {}) : new Response("ok"),
    );
    const copies = () => transport.origins.filter((origin) => origin === SHADOW).length;
    await lb.fetch(post("x".repeat(65_537), { "content-length": "65537" }));
    await lb.fetch(post("x"));
    expect(copies()).toBe(0);
    for (let request = 0; request < 150; request++) await lb.fetch(to("/"));
    expect(copies()).toBe(100);
  });

  test("never has more than that of those whose bodies come together either", async () => {
    const { lb, transport } = mirrored(({ backend }) =>
      backend.origin === SHADOW ? new Promise(() => {}) : new Response("ok"),
    );
    const posts = Array.from({ length: 150 }, () => lb.fetch(post("x", { "content-length": "1" })));
    for (const answer of await Promise.all(posts)) expect(answer.status).toBe(200);
    await settled();
    expect(transport.origins.filter((origin) => origin === SHADOW)).toHaveLength(100);
  });

  test("gets what middlewares have made of a request, byte for byte, and whom the client asked for", async () => {
    const routes = [
      {
        pool: "api",
        mirror: { pool: "shadow", percent: 100 },
        middleware: [
          { requestHeaders: { set: { "x-user": "7", "x-real-ip": "192.0.2.1", host: "inside.test" } } },
        ],
      },
    ];
    const { lb, transport } = poolsBalancer({ routes });
    const client = { address: "192.0.2.9", port: 1, tls: false, protocol: "1.1" };
    const headers = { connection: "x-user", host: "asked.test" };
    await lb.fetch(to("/a?", { headers }), client);
    await settled();
    expect(transport.origins.toSorted()).toEqual([API, SHADOW]);
    for (const { outbound } of transport.tries) {
      expect(outbound.target).toBe("/a?");
      expect(Object.fromEntries(outbound.headers)).toMatchObject({
        "x-user": "7",
        "x-real-ip": "192.0.2.1",
        host: "inside.test",
        "x-forwarded-host": "asked.test",
      });
    }
  });

  test("changes nothing of what is refused", async () => {
    const { lb } = mirrored(() => new Response("ok"));
    const odd = (name: "method" | "url", value: string) => Object.defineProperty(to("/"), name, { value });
    expect((await lb.fetch(odd("method", "TRACE"))).status).toBe(405);
    expect((await lb.fetch(odd("url", "/no-host"))).status).toBe(400);
  });

  test("is let go of when its answer does not end", async () => {
    let body: ScriptedBody | undefined;
    const { lb } = mirrored(({ backend, signal }) => {
      if (backend.origin !== SHADOW) return new Response("ok");
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    });
    await (await lb.fetch(to("/"))).text();
    await settled();
    expect(lb.status().inFlight).toBe(1);
    for (let read = 0; read < 17; read++) {
      body?.push("x".repeat(65_536));
      await settled();
    }
    expect(lb.status().inFlight).toBe(0);
  });
});
