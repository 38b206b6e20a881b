import { expect, test } from "bun:test";
import fc from "fast-check";
import { unreachableRoutes, unreachableWarnings } from "../../src/routing/unreachable.ts";
import { requestText, routeText } from "./arbitraries.ts";
import { expectedRoute } from "./reference.ts";
import { type RouteText, route } from "./routes.ts";

function unreachable(routes: readonly RouteText[]) {
  return unreachableRoutes(routes.map((text, index) => route(`${index}`, text)));
}

test("no request gets to a route that is said to be unreachable", () => {
  fc.assert(
    fc.property(
      fc.array(routeText, { minLength: 1, maxLength: 8 }),
      fc.array(requestText, { minLength: 10, maxLength: 30 }),
      (routes, requests) => {
        // One at least there is: as the first, but later and with more to keep.
        const [first = {}] = routes;
        const all = [...routes, { ...first, priority: -2, headers: { ...first.headers, c: "1" } }];
        const found = unreachable(all).map(({ route }) => Number(route));
        expect(found).toContain(routes.length);
        const takers = requests.map((request) => expectedRoute(all, request));
        expect(found.filter((index) => takers.includes(index))).toEqual([]);
      },
    ),
    { numRuns: 1000 },
  );
});

/** For each, the second is never reached. */
test.each<[string, RouteText, RouteText]>([
  ["the same", { path: "/a" }, { path: "/a" }],
  ["a parameter by another name", { path: "/:a/b" }, { path: "/:c/b" }],
  ["two that have nothing to keep", {}, {}],
  ["a priority", { priority: 1 }, { host: "a.x", path: "/b", methods: ["GET"] }],
  ["a star with a priority", { priority: 1, path: "/a/*" }, { path: "/a/:b/c" }],
  ["every path", { priority: 1, path: "/*" }, {}],
  ["a wildcard with a priority", { priority: 1, host: "*.x" }, { host: "*.a.x" }],
  ["more methods", { priority: 1, methods: ["GET", "PUT"] }, { methods: ["PUT"] }],
  ["a wider range", { clients: ["10.0.0.0/8"] }, { clients: ["10.1.0.0/16", "10.2.3.4"] }],
  ["fewer values", { priority: 1, headers: { a: true } }, { headers: { a: "1", b: "2" } }],
  ["an expression", { query: { a: /^v\d$/ } }, { query: { a: "v2" } }],
  ["an expression that is global", { query: { a: /\d/g } }, { query: { a: "v2" } }],
  ["the same expression", { cookies: { a: /v/i } }, { cookies: { a: /v/i } }],
])("%s takes all", (_, first, second) => {
  expect(unreachable([first, second])).toEqual([{ route: "1", takenBy: "0" }]);
});

/** For each, the second has requests of its own, though it comes after the first. */
test.each<[string, RouteText, RouteText]>([
  ["a host", { host: "a.x" }, { host: "*.x" }],
  ["a longer wildcard", { priority: 1, host: "*.a.x" }, { host: "a.x" }],
  ["a path and its star", { path: "/a" }, { path: "/a/*" }],
  ["a parameter", { path: "/a" }, { path: "/:b" }],
  ["a parameter, which is not empty", { priority: 1, path: "/:a" }, { path: "/" }],
  ["a longer path", { priority: 1, path: "/a/b/*" }, { path: "/a/*" }],
  ["other methods", { methods: ["GET"] }, { methods: ["GET", "PUT"] }],
  ["any method", { methods: ["GET"] }, {}],
  ["a part of a range", { clients: ["10.1.0.0/16"] }, { clients: ["10.0.0.0/8"] }],
  ["another value", { headers: { a: "1" } }, { headers: { a: "2" } }],
  ["any value", { headers: { a: "1" } }, { headers: { a: true } }],
  ["an expression that finds nothing", { headers: { a: /^2/ } }, { headers: { a: "1" } }],
])("%s does not", (_, first, second) => {
  expect(unreachable([first, second])).toEqual([]);
});

test("a warning says who takes the requests", () => {
  expect(unreachableWarnings([route("a", {}), route("b", {}), route("c", { path: "/c" })])).toEqual([
    'routes: no request can reach "b", since "a" comes before it and takes them all; a higher priority would let it be asked first',
  ]);
});
