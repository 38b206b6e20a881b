import { expect, spyOn, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { seededRandom } from "../../src/core/random.ts";
import { createLoadBalancer, pickBy } from "../../src/index.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { refused, reset, type Script, ScriptedTransport, silence } from "../simulation/scripted-transport.ts";
import { ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const MANY = Array.from({ length: 20 }, (_, index) => `http://backend-${index}:8080`);
const ok: Script = () => new Response("ok");

type Asked = readonly [Request, ClientInfo?];

/** The origins that so many requests went to, one after another. */
async function originsOf(config: Partial<LoadBalancerConfig>, requests: readonly Asked[]): Promise<string[]> {
  const { lb, transport } = scriptedBalancer(ok, { backends: MANY, ...config });
  for (const [request, client] of requests) await (await lb.fetch(request, client)).text();
  return transport.origins;
}

function get(path: string, headers: Record<string, string> = {}): Asked {
  return [new Request(`http://lb${path}`, { headers })];
}

function from(address: string): Asked {
  return [new Request("http://lb/"), { address, port: 1, tls: false, protocol: "1.1" }];
}

test.each([
  ["uri-hash", (n: number) => get(`/${n}?q`)],
  ["ip-hash", (n: number) => from(`203.0.113.${n}`)],
  ["header:X-User", (n: number) => get("/", { "x-user": `user ${n}` })],
  ["cookie:sid", (n: number) => get("/", { cookie: `a=b; sid=${n}` })],
] as const)("%s: one key, one backend; many keys, many backends", async (algorithm, requestOf) => {
  const same = await originsOf(
    { algorithm },
    Array.from({ length: 20 }, () => requestOf(7)),
  );
  expect(new Set(same).size).toBe(1);
  const keys = Array.from({ length: 60 }, (_, index) => index + 1);
  const homes = await originsOf({ algorithm }, keys.map(requestOf));
  expect(new Set(homes).size).toBeGreaterThan(10);
  expect(await originsOf({ algorithm }, keys.map(requestOf))).toEqual(homes);
});

test("requests without the key are spread", async () => {
  const requests = Array.from({ length: 60 }, () => get("/"));
  expect(new Set(await originsOf({ algorithm: "cookie:sid" }, requests)).size).toBeGreaterThan(10);
});

test("a retry of a hashed request goes to another backend, and always to the same", async () => {
  const roads: string[][] = [];
  for (let round = 0; round < 5; round++) {
    const { lb, transport } = scriptedBalancer(
      () => {
        throw reset();
      },
      { backends: MANY, algorithm: "uri-hash", retries: 3 },
    );
    expect((await lb.fetch(new Request("http://lb/a"))).status).toBe(502);
    expect(new Set(transport.origins).size).toBe(4);
    roads.push(transport.origins);
  }
  for (const road of roads) expect(road).toEqual(roads[0] as string[]);
});

test.each(["least-connections", "power-of-two", "peak-ewma", "first", "random", "round-robin"] as const)(
  "%s: a retry finds the one backend that works",
  async (algorithm) => {
    const { lb } = scriptedBalancer(
      ({ backend }) => {
        if (backend.origin !== ORIGINS[2]) throw refused();
        return new Response("ok");
      },
      { algorithm },
    );
    for (let count = 0; count < 5; count++)
      expect((await lb.fetch(new Request("http://lb/"))).status).toBe(200);
  },
);

test("least-connections leaves alone who has not answered", async () => {
  const { lb, clock, transport } = scriptedBalancer(
    ({ backend, signal }) => (backend.origin === ORIGINS[0] ? silence(signal) : new Response("ok")),
    { algorithm: "least-connections" },
  );
  const hanging = lb.fetch(new Request("http://lb/"));
  for (let count = 0; count < 6; count++) await (await lb.fetch(new Request("http://lb/"))).text();
  expect(transport.origins.filter((origin) => origin === ORIGINS[0])).toHaveLength(1);
  await clock.run(61_000);
  expect((await hanging).status).toBe(504);
});

test("peak-ewma learns from a time-out that a backend is slow", async () => {
  const { lb, clock, transport } = scriptedBalancer(
    ({ backend, signal }) => (backend.origin === ORIGINS[0] ? silence(signal) : new Response("ok")),
    { algorithm: "peak-ewma", timeoutMs: 1_000, backends: ORIGINS.slice(0, 2) },
  );
  const first = await Promise.all([
    lb.fetch(new Request("http://lb/")),
    lb.fetch(new Request("http://lb/")),
    clock.run(2_000),
  ]);
  expect(
    first
      .slice(0, 2)
      .map((response) => (response as Response).status)
      .sort(),
  ).toEqual([200, 504]);
  const before = transport.origins.length;
  for (let count = 0; count < 10; count++) await (await lb.fetch(new Request("http://lb/"))).text();
  expect(transport.origins.slice(before)).toEqual(new Array(10).fill(ORIGINS[1]));
});

test("a key is worked out only for a picker that wants one", async () => {
  const asked: string[] = [];
  const request = new Request("http://lb/", { headers: { "x-user": "ada" } });
  const { get } = request.headers;
  spyOn(request.headers, "get").mockImplementation((name) => {
    asked.push(name);
    return get.call(request.headers, name);
  });
  await scriptedBalancer(ok).lb.fetch(request);
  expect(asked).not.toContain("X-User");
  await scriptedBalancer(ok, { algorithm: "header:X-User" }).lb.fetch(request);
  expect(asked).toContain("X-User");
});

test("an algorithm of one's own picks, and gets the key that it asks for", async () => {
  const keys: string[] = [];
  const algorithm = pickBy((ready, key) => {
    keys.push(key);
    return ready.at(-1);
  }, "header:x-user");
  expect(await originsOf({ algorithm }, [get("/", { "x-user": "ada" }), get("/")])).toEqual([
    MANY.at(-1) as string,
    MANY.at(-1) as string,
  ]);
  expect(keys).toEqual(["ada", ""]);
});

test("a bad one costs no request, and is told of once", async () => {
  const faults: string[] = [];
  const transport = new ScriptedTransport(ok);
  const lb = createLoadBalancer(
    {
      backends: ORIGINS,
      healthCheck: false,
      algorithm: pickBy(() => {
        throw new Error("oh");
      }),
    },
    { transport, random: seededRandom(1), onPickerFault: (reason) => faults.push(reason) },
  );
  for (let count = 0; count < 6; count++)
    expect((await lb.fetch(new Request("http://lb/"))).status).toBe(200);
  expect(transport.origins).toEqual([...ORIGINS, ...ORIGINS]);
  expect(faults).toEqual(["its pick threw Error: oh"]);
});

test("nobody wants to hear of it: the console does, once", async () => {
  const warn = spyOn(console, "warn").mockImplementation(() => {});
  try {
    const { lb } = scriptedBalancer(ok, { algorithm: pickBy(() => undefined) });
    for (let count = 0; count < 3; count++) await lb.fetch(new Request("http://lb/"));
    expect(warn.mock.calls).toEqual([
      [
        "lb: the picker of pool default failed: its pick returned undefined undefined, expected one of the ready backends; round robin stands in for it",
      ],
    ]);
  } finally {
    warn.mockRestore();
  }
});
