import { describe, expect, test } from "bun:test";
import { refused, ScriptedBody } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const get = (path: string, method = "GET") => new Request(`http://lb${path}`, { method });

describe("the status endpoint", () => {
  test("tells url and alive of each backend first, in the order of the config", async () => {
    const { lb } = scriptedBalancer(() => {
      throw refused();
    });
    const response = await lb.fetch(get("/lb-status"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const text = await response.text();
    expect(text).toStartWith('{"backends":[{"url":"http://a:1","alive":true,');
    expect(text).toEndWith("\n");
    const { backends } = JSON.parse(text);
    expect(backends.map(({ url }: { url: string }) => url)).toEqual([...ORIGINS]);
    expect(backends[0]).toEqual({
      url: "http://a:1",
      alive: true,
      state: "unchecked",
      weight: 1,
      tier: 0,
      maxInFlight: 0,
      inFlight: 0,
      requests: 0,
      failures: 0,
      cancelled: 0,
      ejections: 0,
      latencyMs: null,
    });
  });

  test("shows at once what traffic found out", async () => {
    const { lb } = scriptedBalancer(
      () => {
        throw refused();
      },
      { retries: 0 },
    );
    await lb.fetch(get("/"));
    const { backends } = JSON.parse(await (await lb.fetch(get("/lb-status"))).text());
    expect(backends[0]).toMatchObject({ url: ORIGINS[0], alive: false, requests: 1, failures: 1 });
  });

  test("can only be read", async () => {
    const { lb, transport } = scriptedBalancer(() => new Response("backend"));
    expect((await lb.fetch(get("/lb-status", "HEAD"))).status).toBe(200);
    const response = await lb.fetch(get("/lb-status", "POST"));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(transport.tries).toHaveLength(0);
  });

  test.each(["/lb-status?x=1", "/lb-status?"])("is %s too", async (path) => {
    const { lb, transport } = scriptedBalancer(() => new Response("backend"));
    await lb.fetch(get(path));
    expect(transport.tries).toHaveLength(0);
  });

  test.each(["/lb-status/", "/lb-statusx", "/a/lb-status", "/health", "/", "/?/lb-status"])(
    "is not %s, which is the backends'",
    async (path) => {
      const { lb, transport } = scriptedBalancer(() => new Response("backend"));
      expect(await (await lb.fetch(get(path))).text()).toBe("backend");
      expect(transport.tries).toHaveLength(1);
    },
  );

  test("is elsewhere or nowhere if the config says so", async () => {
    const moved = scriptedBalancer(() => new Response("backend"), { statusPath: "/up" });
    expect(await (await moved.lb.fetch(get("/up"))).text()).toStartWith("{");
    expect(await (await moved.lb.fetch(get("/lb-status"))).text()).toBe("backend");
    const off = scriptedBalancer(() => new Response("backend"), { statusPath: false });
    expect(await (await off.lb.fetch(get("/lb-status"))).text()).toBe("backend");
  });
});

describe("draining", () => {
  test("waits for the exchanges under way, answers meanwhile, and says so", async () => {
    const bodies: ScriptedBody[] = [];
    const { lb, clock } = scriptedBalancer(({ signal }) => {
      const body = new ScriptedBody(signal);
      bodies.push(body);
      return new Response(body.stream);
    });
    const response = await lb.fetch(get("/"));
    expect(response.headers.get("connection")).toBeNull();
    let isStopped = false;
    const stopped = lb.drain(30_000).then(() => {
      isStopped = true;
    });
    await clock.run(5_000);
    expect(isStopped).toBe(false);
    const status = await lb.fetch(get("/lb-status"));
    expect(status.status).toBe(503);
    expect(await status.json()).toMatchObject({ draining: true, inFlight: 1 });
    const late = await lb.fetch(get("/"));
    expect(late.headers.get("connection")).toBe("close");
    for (const body of bodies) body.end();
    await Promise.all([response.text(), late.text()]);
    await clock.run(1_000);
    expect(isStopped).toBe(true);
    await stopped;
  });

  test("waits no longer than it may", async () => {
    const { lb, clock } = scriptedBalancer(({ signal }) => new Response(new ScriptedBody(signal).stream));
    await lb.fetch(get("/"));
    let isStopped = false;
    void lb.drain(2_000).then(() => {
      isStopped = true;
    });
    await clock.run(1_900);
    expect(isStopped).toBe(false);
    await clock.run(200);
    expect(isStopped).toBe(true);
  });

  test("waits for exchanges on backends that left the pool", async () => {
    let body: ScriptedBody | undefined;
    const { lb, clock } = scriptedBalancer(({ signal }) => {
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    });
    const response = await lb.fetch(get("/"));
    lb.setBackends(["http://other:1"]);
    let isStopped = false;
    void lb.drain(30_000).then(() => {
      isStopped = true;
    });
    await clock.run(1_000);
    expect(isStopped).toBe(false);
    body?.end();
    await response.text();
    await clock.run(100);
    expect(isStopped).toBe(true);
  });

  test("ends at once where nothing is under way", async () => {
    const { lb } = scriptedBalancer(() => new Response("ok"));
    let isStopped = false;
    void lb.drain(30_000).then(() => {
      isStopped = true;
    });
    await settled();
    expect(isStopped).toBe(true);
  });
});

describe("setBackends", () => {
  test("keeps the state of those who stay, and refuses a mistake without changing anything", async () => {
    const { lb, transport } = scriptedBalancer(
      () => {
        throw refused();
      },
      { retries: 0 },
    );
    await lb.fetch(get("/"));
    expect(() => lb.setBackends(["nonsense"])).toThrow('backends: found "nonsense"');
    expect(lb.status().backends.map(({ url }) => url)).toEqual([...ORIGINS]);
    lb.setBackends([ORIGINS[2], ORIGINS[0], "http://d:1"]);
    expect(lb.status().backends.map(({ url, alive }) => [url, alive])).toEqual([
      [ORIGINS[2], true],
      [ORIGINS[0], false],
      ["http://d:1", true],
    ]);
    expect(transport.tries).toHaveLength(1);
  });
});
