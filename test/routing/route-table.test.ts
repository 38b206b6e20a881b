import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { RouteTable } from "../../src/routing/route-table.ts";
import { requestText, routeText } from "./arbitraries.ts";
import { expectedParams, expectedRoute, matches } from "./reference.ts";
import { type RequestText, type RouteText, route, view } from "./routes.ts";

function tableOf(routes: readonly RouteText[]): RouteTable<RouteText> {
  return new RouteTable(routes.map((text, index) => route(`${index}`, text)));
}

describe("a route table", () => {
  test("finds the route that asking all of them in order would find", () => {
    fc.assert(
      fc.property(
        fc.array(routeText, { maxLength: 12 }),
        fc.array(requestText, { minLength: 1, maxLength: 8 }),
        (routes, requests) => {
          const table = tableOf(routes);
          for (const request of requests) {
            const found = table.match(view(request));
            expect(found?.name).toBe(
              routes[expectedRoute(routes, request)] && `${expectedRoute(routes, request)}`,
            );
            if (found?.payload.path === undefined) continue;
            const { path = "" } = request;
            expect({ ...found.params(path) }).toEqual(expectedParams(found.payload.path, path));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("explains what it finds, and why nothing else", () => {
    fc.assert(
      fc.property(fc.array(routeText, { maxLength: 8 }), requestText, (routes, request) => {
        const table = tableOf(routes);
        const verdicts = table.explain(view(request));
        expect(verdicts.map(({ name }) => name)).toEqual(table.routes.map(({ name }) => name));
        const taker = verdicts.find(({ isMatch }) => isMatch);
        expect(taker?.name).toBe(table.match(view(request))?.name as string);
        for (const { name, isMatch, reason } of verdicts) {
          const doesMatch = matches(routes[Number(name)] as RouteText, request);
          if (isMatch) expect(reason).toBe("matched");
          else if (doesMatch) expect(reason).toBe(`not reached: ${taker?.name} matched before`);
          else expect(reason).toMatch(/expected|there is no|is not below/);
        }
        expect(verdicts.filter(({ isMatch }) => isMatch).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, RouteText[], RequestText, number | undefined]>([
    ["no route", [], {}, undefined],
    ["a higher priority first", [{ path: "/a" }, { priority: 1 }], { path: "/a" }, 1],
    ["a name before a wildcard", [{ host: "*.x" }, { host: "a.x" }], { host: "a.x" }, 1],
    ["a longer wildcard", [{ host: "*.x" }, { host: "*.a.x" }], { host: "b.a.x" }, 1],
    ["any wildcard before none", [{ path: "/a" }, { host: "*.x" }], { host: "b.x", path: "/a" }, 1],
    ["none for a host with none that matches", [{ host: "a.x", path: "/b" }, {}], { host: "a.x" }, 1],
    ["text before a parameter", [{ path: "/:a/b" }, { path: "/a/:b" }], { path: "/a/b" }, 1],
    ["a parameter before a star", [{ path: "/a/*" }, { path: "/:a/b" }], { path: "/a/b" }, 0],
    ["the whole path before the star", [{ path: "/a/*" }, { path: "/a" }], { path: "/a" }, 1],
    [
      "back from a branch that leads nowhere",
      [{ path: "/a/b/c" }, { path: "/:x/b/*" }],
      { path: "/a/b/d" },
      1,
    ],
    [
      "more conditions first",
      [{ methods: ["GET"] }, { headers: { a: true, b: true } }],
      { headers: { a: "", b: "" } },
      1,
    ],
    ["the first of two alike", [{ path: "/:a" }, { path: "/:b" }], { path: "/c" }, 0],
    ["no parameter that is empty", [{ path: "/:a/*" }], { path: "//b" }, undefined],
    ["a target that is no path", [{ path: "/a" }, { path: "/*" }], { path: "*" }, 1],
  ])("takes %s", (_, routes, request, expected) => {
    const found = tableOf(routes).match(view(request));
    expect(found?.name).toBe(expected === undefined ? undefined : `${expected}`);
  });

  test("tells segments and names apart whose hashes are the same", () => {
    // The texts of each pair have one FNV-1a hash; the names one of those by which wildcards are found.
    const texts = ["/costarring", "/liquid", "/altarage", "/zinke"];
    const paths = tableOf([...texts.map((path) => ({ path })), { path: "/*" }]);
    expect(texts.map((path) => paths.match(view({ path }))?.name)).toEqual(["0", "1", "2", "3"]);
    const hosts = tableOf([{ host: "*.0c" }, { host: "*.na" }]);
    expect(["a.0c", "a.na", "a.0a"].map((host) => hosts.match(view({ host }))?.name)).toEqual([
      "0",
      "1",
      undefined,
    ]);
  });

  test("gives every request the same match", () => {
    const table = tableOf([{ path: "/a" }]);
    expect(table.match(view({ path: "/a" }))).toBe(table.match(view({ path: "/a" })) as never);
  });

  test("is as deep as a path without a longer stack", () => {
    const path = `/${"a/".repeat(2000)}`;
    const table = tableOf([{ path: `${path}*` }, { path: "/:a/*" }]);
    expect(table.match(view({ path }))?.name).toBe("0");
    expect(table.match(view({ path: path.slice(0, -2) }))?.name).toBe("1");
  });
});

describe("a preflight", () => {
  const preflight = { origin: "http://o", "access-control-request-method": "PUT" };
  const options = (headers: Record<string, string>) => view({ method: "OPTIONS", headers });

  test("is for the routes of the method that it asks about", () => {
    const table = tableOf([{ methods: ["GET"] }, { methods: ["PUT"] }]);
    expect(table.match(options(preflight))?.name).toBe("1");
    expect(table.explain(options(preflight))[0]?.reason).toBe("method is OPTIONS before PUT, expected GET");
  });

  test("and for those of OPTIONS, which say so", () => {
    const table = tableOf([{ methods: ["OPTIONS"] }, { methods: ["PUT"] }]);
    expect(table.match(options(preflight))?.name).toBe("0");
  });

  test("is none without both of its fields", () => {
    const table = tableOf([{ methods: ["PUT"] }]);
    for (const name of Object.keys(preflight)) {
      expect(table.match(options({ ...preflight, [name]: undefined } as never))).toBeUndefined();
    }
    expect(table.match(view({ method: "GET", headers: preflight }))).toBeUndefined();
  });
});

test.each<[RouteText, RequestText, string]>([
  [{ host: "a.x" }, { host: "b.x" }, "host is b.x, expected a.x"],
  [{ host: "*.x" }, {}, "the request names no host, expected *.x"],
  [{ path: "/a/*" }, { path: "/b" }, "path /b is not below /a/"],
  [{ path: "/:a/*" }, { path: "//" }, "path is //, expected /:a/*"],
  [{ path: "/a" }, { path: "/b" }, "path is /b, expected /a"],
  [{ methods: ["GET", "PUT"] }, { method: "POST" }, "method is POST, expected GET or PUT"],
  [
    { clients: ["10.0.0.0/8", "fd00::/8"] },
    { clientAddress: "::1" },
    "client is ::1, expected one in 10.0.0.0/8 or fd00::/8",
  ],
  [{ clients: ["10.0.0.0/8"] }, {}, "client is unknown, expected one in 10.0.0.0/8"],
  [{ headers: { "x-a": "1" } }, {}, "there is no header x-a"],
  [{ headers: { "x-a": "1" } }, { headers: { "x-a": '"' } }, 'header x-a is "\\"", expected "1"'],
  [{ headers: { "x-a": /^1$/i } }, { headers: { "x-a": "2" } }, 'header x-a is "2", expected /^1$/i'],
  [{ query: { v: "1" } }, { query: "v=2" }, 'query parameter v is "2", expected "1"'],
  [{ cookies: { c: true } }, { headers: { cookie: "d=1" } }, "there is no cookie c"],
  [{ host: "a.x", methods: ["PUT"] }, { host: "a.x" }, "method is GET, expected PUT"],
])("what %j does not match of %j is told: %s", (text, request, reason) => {
  expect(tableOf([text]).explain(view(request))).toEqual([{ name: "0", isMatch: false, reason }]);
});
