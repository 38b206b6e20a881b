import { describe, expect, test } from "bun:test";
import { MIDDLEWARE_SCHEMAS, type MiddlewareOptions } from "../../src/config/middleware/index.ts";
import { check } from "../../src/config/schema/check.ts";
import { compose } from "../../src/middleware/compose.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { createRateLimit } from "../../src/middleware/rate-limit.ts";
import type { RateVerdict } from "../../src/rate-limit/meter.ts";
import type { SharedState } from "../../src/shared-state/shared-state.ts";
import { answerBytes } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { depsOf, LOCAL, pass, rawGet, scopeOf } from "./passing.ts";
import { onStage } from "./staged.ts";

const rulesOf = (options: MiddlewareOptions["rateLimit"]) =>
  check(MIDDLEWARE_SCHEMAS.rateLimit, options, "rateLimit");

function limit(options: MiddlewareOptions["rateLimit"], changes: Partial<ReturnType<typeof depsOf>> = {}) {
  const deps = { ...depsOf(), ...changes };
  return { middleware: createRateLimit(rulesOf(options), deps), clock: deps.clock, deps };
}

const from = (address: string) => ({ client: { ...LOCAL, address } });

async function statusOf(middleware: Middleware, request = rawGet("/"), passing = {}): Promise<number> {
  return (await pass(middleware, request, passing)).answer.status;
}

describe("rateLimit", () => {
  test("refuses what is beyond the limit, and says when to come again; then there is some", async () => {
    const { middleware, clock } = limit({ requests: 2, windowMs: 60_000, algorithm: "token-bucket" });
    expect([await statusOf(middleware), await statusOf(middleware)]).toEqual([200, 200]);
    const { answer, seen } = await pass(middleware, rawGet("/"));
    expect([answer.status, seen]).toEqual([429, undefined]);
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "retry-after": "30",
      ratelimit: '"ip-60s";r=0;t=30',
      "ratelimit-policy": '"ip-60s";q=2;w=60',
    });
    expect(await answer.json()).toEqual({
      type: "about:blank",
      title: "Too Many Requests",
      status: 429,
      detail: "Too many requests came in a short time.",
    });
    clock.advance(29_999);
    expect(await statusOf(middleware)).toBe(429);
    clock.advance(1);
    expect([await statusOf(middleware), await statusOf(middleware)]).toEqual([200, 429]);
  });

  test("tells on every answer what is left, besides what others say", async () => {
    const { middleware, clock } = limit({ perSecond: 3, name: "api" });
    const answered = { answer: () => new Response("ok", { headers: { ratelimit: '"inner";r=7' } }) };
    const told: (string | null)[] = [];
    for (let time = 0; time < 3; time++) {
      const { answer } = await pass(middleware, rawGet("/"), answered);
      expect(answer.headers.get("ratelimit-policy")).toBe('"api";q=3;w=1');
      told.push(answer.headers.get("ratelimit"));
      clock.advance(1);
    }
    expect(told).toEqual([
      '"inner";r=7, "api";r=2;t=1',
      '"inner";r=7, "api";r=1;t=1',
      '"inner";r=7, "api";r=0;t=1',
    ]);
  });

  test("tells it on answers whose fields cannot be changed, and nothing where it is told not to", async () => {
    const answer = () => Response.redirect("http://lb.test/elsewhere");
    const telling = await pass(limit({ perSecond: 3 }).middleware, rawGet("/"), { answer });
    expect([telling.answer.status, telling.answer.headers.get("ratelimit")]).toEqual([
      302,
      '"ip-1s";r=2;t=1',
    ]);
    const { middleware } = limit({ perSecond: 1, inResponse: false });
    for (const status of [302, 429]) {
      const { answer: quiet } = await pass(middleware, rawGet("/"), { answer });
      expect(quiet.status).toBe(status);
      expect(quiet.headers.get("retry-after")).toBe(status === 429 ? "1" : null);
      expect([...quiet.headers.keys()].filter((name) => name.startsWith("ratelimit"))).toEqual([]);
    }
  });

  test("says nothing of a window that is no whole number of seconds", async () => {
    const { answer } = await pass(limit({ requests: 3, windowMs: 1_500 }).middleware, rawGet("/"));
    expect(answer.headers.get("ratelimit-policy")).toBe('"ip-1500ms";q=3');
  });

  test("holds 100 a second within 2 % for a client that asks 1,000 times a second for 10 seconds", async () => {
    const { middleware, clock } = limit({ perSecond: 100 });
    let allowed = 0;
    for (let index = 0; index < 10_000; index++) {
      if ((await statusOf(middleware)) === 200) allowed += 1;
      clock.advance(1);
    }
    expect(allowed).toBeGreaterThanOrEqual(980);
    expect(allowed).toBeLessThanOrEqual(1_020);
  });
});

describe("several limits", () => {
  const chain = (...all: MiddlewareOptions["rateLimit"][]) => {
    const deps = depsOf();
    const middlewares = all.map((options, index) =>
      createRateLimit(rulesOf(options), { ...deps, place: `middleware[${index}]` }),
    );
    const fault = (error: unknown) => expect(error).toBeUndefined();
    const answerer = compose(middlewares, async () => new Response("ok"), fault);
    return {
      clock: deps.clock,
      ask: (address: string) => answerer(rawGet("/"), scopeOf(rawGet("/"), from(address))),
    };
  };

  test("hold together, each told of by a name of its own", async () => {
    const { clock, ask } = chain(
      { perSecond: 2 },
      { requests: 3, windowMs: 60_000 },
      { perSecond: 9, key: "route" },
    );
    const first = await ask("10.0.0.1");
    expect(first.headers.get("ratelimit-policy")).toBe(
      '"route-1s";q=9;w=1, "ip-60s";q=3;w=60, "ip-1s";q=2;w=1',
    );
    expect(first.headers.get("ratelimit")).toBe('"route-1s";r=8;t=1, "ip-60s";r=2;t=60, "ip-1s";r=1;t=1');
    expect((await ask("10.0.0.1")).status).toBe(200);
    const second = await ask("10.0.0.1");
    expect([second.status, second.headers.get("retry-after"), second.headers.get("ratelimit")]).toEqual([
      429,
      "1",
      '"ip-1s";r=0;t=1',
    ]);
    clock.advance(1_000);
    expect((await ask("10.0.0.1")).status).toBe(200);
    const minute = await ask("10.0.0.1");
    expect([minute.status, minute.headers.get("retry-after"), minute.headers.get("ratelimit")]).toEqual([
      429,
      "59",
      '"ip-60s";r=0;t=59, "ip-1s";r=0;t=1',
    ]);
    expect((await ask("10.0.0.2")).status).toBe(200);
  });
});

describe("requests count together", () => {
  const once = { requests: 1, windowMs: 60_000 } as const;

  test("by the client's address, as far as trusted proxies say, and of IPv6 by its network", async () => {
    const { middleware } = limit(once);
    const statuses: number[] = [];
    for (const address of [
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.1",
      "::ffff:10.0.0.2",
      "fd00::1",
      "fd00::2",
      "fd00:0:0:1::1",
    ]) {
      statuses.push(await statusOf(middleware, rawGet("/"), from(address)));
    }
    expect(statuses).toEqual([200, 200, 429, 429, 200, 429, 200]);
    const claimed = rawGet("/", { "x-forwarded-for": "10.9.9.9" });
    expect(await statusOf(middleware, claimed, from("10.0.0.1"))).toBe(429);
    expect(await statusOf(middleware, claimed, { ...from("10.0.0.1"), trustedProxies: ["10.0.0.1"] })).toBe(
      200,
    );
  });

  test("where nobody knows the client", async () => {
    const { middleware } = limit(once);
    expect(await statusOf(middleware, rawGet("/"), from(""))).toBe(200);
    expect(await statusOf(middleware, rawGet("/"), from(""))).toBe(429);
  });

  test.each([
    ["header:X-User", [{ "x-user": "a" }, { "x-user": "b" }, { "X-User": "a" }, {}, { "x-other": "c" }]],
    [
      "cookie:id",
      [{ cookie: "id=a" }, { cookie: "x=1; id=b" }, { cookie: "id=a; x=2" }, {}, { cookie: "ID=a" }],
    ],
  ])("by %s, and where there is none", async (key, all) => {
    const { middleware } = limit({ ...once, key });
    const statuses: number[] = [];
    for (const fields of all)
      statuses.push(await statusOf(middleware, rawGet("/", fields as Record<string, string>)));
    expect(statuses).toEqual([200, 200, 429, 200, 429]);
  });

  test("by the route, or on all of them", async () => {
    const each = limit({ ...once, key: "route" });
    const all = limit({ ...once, key: "ip" });
    for (const [route, client, ...expected] of [
      ["a", "10.0.0.1", 200, 200],
      ["a", "10.0.0.2", 429, 200],
      ["b", "10.0.0.1", 200, 429],
      ["b", "10.0.0.3", 429, 200],
    ] as const) {
      const passing = { ...from(client), route };
      const statuses = [
        await statusOf(each.middleware, rawGet("/"), passing),
        await statusOf(all.middleware, rawGet("/"), passing),
      ];
      expect(statuses).toEqual(expected);
    }
  });

  test("by what a function makes of a request; and those that it gives nothing for do not count", async () => {
    const { middleware } = limit({
      ...once,
      key: ({ url }, { clientAddress }) => (url.endsWith("/free") ? undefined : clientAddress.slice(0, 4)),
    });
    const statuses: number[] = [];
    for (const [path, address] of [
      ["/", "10.0.0.1"],
      ["/", "10.0.0.2"],
      ["/free", "10.0.0.2"],
      ["/free", "10.0.0.2"],
      ["/", "11.0.0.1"],
    ] as const) {
      statuses.push(await statusOf(middleware, rawGet(path), from(address)));
    }
    expect(statuses).toEqual([200, 429, 200, 200, 200]);
  });

  test("in each place for itself, unless they have one name; and go on after the config was read anew, unless the limit is another", async () => {
    const { middleware, deps } = limit(once);
    const made = (options: object, place = deps.place) =>
      createRateLimit(rulesOf({ ...once, ...options }), { ...deps, place });
    expect(await statusOf(middleware)).toBe(200);
    expect(await statusOf(made({}, "routes[0].middleware[0]"))).toBe(200);
    expect(await statusOf(made({}))).toBe(429);
    expect(await statusOf(made({ inResponse: false }))).toBe(429);
    for (const other of [
      { key: "route" },
      { key: "header:x" },
      { requests: 2 },
      { algorithm: "token-bucket" },
    ]) {
      expect(await statusOf(made(other))).toBe(200);
    }
    expect(await statusOf(made({ name: "shared" }))).toBe(200);
    expect(await statusOf(made({ name: "shared" }, "routes[0].middleware[0]"))).toBe(429);
  });
});

test("a state elsewhere may take its time", async () => {
  const verdicts: RateVerdict[] = [
    { isAllowed: true, remaining: 4, resetMs: 1_001 },
    { isAllowed: false, remaining: 0, resetMs: 0 },
  ];
  const shared: SharedState = {
    rateLimiter: () => ({ take: async () => verdicts.shift() as RateVerdict }),
  };
  const { middleware } = limit({ perSecond: 5 }, { shared });
  const { answer } = await pass(middleware, rawGet("/"));
  expect([answer.status, answer.headers.get("ratelimit")]).toEqual([200, '"ip-1s";r=4;t=2']);
  const { answer: refusal, seen } = await pass(middleware, rawGet("/"));
  expect([refusal.status, refusal.headers.get("retry-after"), seen]).toEqual([429, "1", undefined]);
});

test("between real sockets, what is refused never reaches the backend", async () => {
  const { middleware } = limit({ requests: 2, windowMs: 3_600_000 });
  const script = answerBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await onStage([middleware], script, async ({ backend, url }) => {
    const seen: [number, string | undefined, string | undefined][] = [];
    for (let time = 0; time < 4; time++) {
      const { head } = await ask(url, request("POST", "/", ["Content-Length: 3"], "abc"));
      seen.push([head.status, head.field("ratelimit")?.slice(0, 14), head.field("ratelimit-policy")]);
    }
    expect(seen).toEqual([
      [200, '"ip-3600s";r=1', '"ip-3600s";q=2;w=3600'],
      [200, '"ip-3600s";r=0', '"ip-3600s";q=2;w=3600'],
      [429, '"ip-3600s";r=0', '"ip-3600s";q=2;w=3600'],
      [429, '"ip-3600s";r=0', '"ip-3600s";q=2;w=3600'],
    ]);
    expect(backend.seen).toHaveLength(2);
  });
});
