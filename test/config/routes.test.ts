import { describe, expect, test } from "bun:test";
import { resolveConfig } from "../../src/config/config.ts";
import { MATCHES_ALL } from "../../src/config/match-rules.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { type RouteConfig, type RouteSettings, unknownPools } from "../../src/config/routes.ts";
import { messageOf } from "./message-of.ts";

const POOLS = ["api", "web", "canary"];

function resolved(...routes: RouteConfig[]): readonly RouteSettings[] {
  const pools = Object.fromEntries(POOLS.map((name) => [name, { backends: ["http://a:1"] }]));
  return resolveConfig({ pools, routes }).routes;
}

/** What is wrong with one route, whose place is left out. */
function wrongWith(route: unknown): string {
  return messageOf(() => resolved(route as RouteConfig)).replaceAll(/^routes\[0\]\.?/gm, "");
}

describe("routes", () => {
  test("have every default", () => {
    expect(resolved({ pool: "web" })).toEqual([
      { name: "*", match: MATCHES_ALL, priority: 0, pool: "web", middleware: [] },
    ]);
  });

  test("keep all that they say", () => {
    const own = () => new Response();
    const [route] = resolved({
      name: "the api",
      match: {
        host: "*.Example.com",
        path: "/v1/:id/*",
        method: ["GET", "POST"],
        headers: { "X-Beta": "1", "x-any": true },
        query: { v: /^2/ },
        cookies: { Beta: { pattern: "^y", flags: "i" } },
        client: ["10.0.0.0/8", "::1"],
      },
      priority: -3,
      split: { pools: { web: 95, canary: 5 }, by: "cookie:id" },
      mirror: { pool: "api" },
      middleware: [{ stripPrefix: "/v1" }, own],
      timeoutMs: 0,
      requestTimeoutMs: 500,
      queuePriority: 9,
    });
    expect(route).toEqual({
      name: "the api",
      match: {
        host: { text: "*.Example.com", name: "example.com", isWildcard: true },
        path: {
          text: "/v1/:id/*",
          segments: [{ literal: "v1" }, { parameter: "id" }],
          isPrefix: true,
        },
        methods: ["GET", "POST"],
        headers: [
          { name: "x-beta", value: "1" },
          { name: "x-any", value: true },
        ],
        query: [{ name: "v", value: /^2/ }],
        cookies: [{ name: "Beta", value: /^y/i }],
        clients: [
          { bytes: [10, 0, 0, 0], bits: 8 },
          { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], bits: 128 },
        ],
      },
      priority: -3,
      split: { pools: { web: 95, canary: 5 }, by: "cookie:id" },
      mirror: { pool: "api", percent: 100 },
      middleware: [{ name: "stripPrefix", rules: { prefix: "/v1", forwardedPrefix: false } }, own],
      timeoutMs: 0,
      requestTimeoutMs: 500,
      queuePriority: 9,
    });
  });

  test("are called by what they match if nobody gave them a name, each by another", () => {
    const names = resolved(
      { pool: "web", match: { host: "a.x", path: "/b/*" } },
      { pool: "web", match: { host: "a.x", path: "/b/*", method: ["GET"] } },
      { pool: "web", match: { host: "a.x" } },
      { pool: "web", match: { path: "/b" } },
      { pool: "web", match: { method: ["GET"] } },
      { pool: "web", name: "* (2)" },
      { pool: "web" },
    ).map(({ name }) => name);
    expect(names).toEqual(["a.x/b/*", "a.x/b/* (2)", "a.x", "/b", "*", "* (2)", "* (3)"]);
  });
});

test.each<[unknown, string]>([
  [{}, ": found neither pool, split nor middleware, expected one of them"],
  [{ middleware: [] }, ": found neither pool, split nor middleware, expected one of them"],
  [{ pool: "web", split: { pools: { api: 1 } } }, ": found pool and split, expected one of them"],
  [{ pol: "web" }, ': found the unknown key "pol"; did you mean pool?'],
  [{ pool: "wbe" }, 'pool: found the unknown pool "wbe"; did you mean web?'],
  [{ pool: "other" }, 'pool: found the unknown pool "other", expected api, web or canary'],
  [{ pool: "a b" }, 'pool: found "a b", expected the name of a pool: letters, digits, _, . and -'],
  [
    { pool: "web", name: "a\nb" },
    'name: found "a\\nb", expected a name in one line, of up to 100 characters',
  ],
  [{ pool: "web", priority: 0.5 }, "priority: found 0.5, expected a whole number from -1000000 to 1000000"],
  [{ pool: "web", queuePriority: 10 }, "queuePriority: found 10, expected a whole number from 0 to 9"],
  [{ pool: "web", timeoutMs: -1 }, "timeoutMs: found -1, expected a number of milliseconds, at least 0"],
  [{ pool: "web", middleware: {} }, "middleware: found {}, expected a list of middlewares"],
  [
    { pool: "web", mirror: { pool: "canarie" } },
    'mirror.pool: found the unknown pool "canarie"; did you mean canary?',
  ],
  [
    { pool: "web", mirror: { pool: "api", percent: 101 } },
    "mirror.percent: found 101, expected a number from 0 to 100",
  ],
  [
    { split: { pools: { web: 1, canray: 1 } } },
    'split.pools: found the unknown pool "canray"; did you mean canary?',
  ],
  [{ split: { pools: {} } }, "split.pools: found no pool, expected at least one"],
  [{ split: { pools: { web: 0 } } }, "split.pools: found no weight above 0, expected at least one"],
  [{ split: { pools: { web: 0.5 } } }, "split.pools.web: found 0.5, expected a whole number from 0 to 10000"],
  [
    { split: { pools: { web: 1 }, by: "uri" } },
    'split.by: found "uri", expected ip, header:NAME or cookie:NAME',
  ],
  [
    { split: { pools: { web: 1 }, by: "header:" } },
    'split.by: found "header:", expected ip, header:NAME or cookie:NAME',
  ],
])("a route %j is refused: %s", (route, message) => {
  expect(wrongWith(route)).toBe(message);
});

test.each<[unknown, string]>([
  [
    { host: "a.*.b" },
    'host: found "a.*.b", expected a * only in place of the first names, as in *.example.com',
  ],
  [{ host: "a:80" }, 'host: found "a:80", expected a host without its port'],
  [{ host: 1 }, "host: found 1, expected a host such as api.example.com or *.example.com"],
  [{ path: "/a/*/b" }, 'path: found "/a/*/b", expected a * only behind the last /, as in /v1/*'],
  [
    { path: "/users/:" },
    'path: found "/users/:", expected a name of letters, digits and _ behind the colon, as in /users/:id',
  ],
  [{ path: "a" }, 'path: found "a", expected a path that begins with /, such as /v1/*'],
  [{ path: ["/a"] }, 'path: found ["/a"], expected a path that begins with /, such as /v1/*'],
  [{ method: "GET" }, 'method: found "GET", expected a list of methods, such as ["GET", "POST"]'],
  [{ method: [] }, 'method: found an empty list, expected a list of methods, such as ["GET", "POST"]'],
  [{ method: ["get"] }, 'method: found "get", expected GET: the case of methods counts'],
  [{ method: ["A B"] }, 'method: found "A B", expected a method such as GET'],
  [
    { headers: { "a b": "1" } },
    'headers: found the name "a b", expected the name of a header, such as x-user',
  ],
  [
    { headers: { a: 1 } },
    "headers.a: found 1, expected a text, true for any, or a regular expression such as { pattern }",
  ],
  [
    { query: { a: null } },
    "query.a: found null, expected a text, true for any, or a regular expression such as { pattern }",
  ],
  [{ query: { "": "1" } }, 'query: found the name "", expected the name of a parameter'],
  [
    { cookies: { a: { pattern: "(" } } },
    /^cookies\.a: found \{"pattern":"\("\}, expected a regular expression, or \{ pattern \} with one: /,
  ],
  [{ client: [] }, "client: found an empty list, expected a list of addresses or ranges, such as 10.0.0.0/8"],
  [
    { client: ["10.0.0.0/33"] },
    'client: found "10.0.0.0/33", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
  ],
  [{ hosts: "a" }, ': found the unknown key "hosts"; did you mean host?'],
] as [unknown, string][])("a match %j is refused: %s", (match, message) => {
  const said = wrongWith({ pool: "web", match }).replace(/^match\.?/, "");
  if (typeof message === "string") expect(said).toBe(message);
  else expect(said).toMatch(message);
});

test("everything that is wrong is told at once, each with its place", () => {
  const routes = [
    { pool: "api", name: "a" },
    { pool: "web", name: "a", match: { path: "a", host: "*" } },
    { match: { method: [] } },
  ] as RouteConfig[];
  try {
    resolved(...routes);
    throw new Error("nothing was wrong");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.map(({ path }) => path.join("."))).toEqual([
      "routes.1.match.host",
      "routes.1.match.path",
      "routes.2.match.method",
    ]);
  }
});

test("two routes have no name in common", () => {
  const twice = [{ pool: "api", name: "a" }, { pool: "web" }, { pool: "web", name: "a" }];
  expect(messageOf(() => resolved(...twice))).toBe(
    'routes[2].name: found "a" twice, expected a name for each route',
  );
});

test("every unknown pool is told, with its path", () => {
  const routes: RouteConfig[] = [{ split: { pools: { x: 1 } } }, { pool: "y", mirror: { pool: "z" } }];
  expect(
    unknownPools(routes, []).map(({ path, place, message }) => [path.join("."), place, message]),
  ).toEqual([
    ["routes.0.split.pools.x", "routes[0].split.pools", 'found the unknown pool "x", but there are no pools'],
    ["routes.1.pool", "routes[1].pool", 'found the unknown pool "y", but there are no pools'],
    ["routes.1.mirror.pool", "routes[1].mirror.pool", 'found the unknown pool "z", but there are no pools'],
  ]);
});
