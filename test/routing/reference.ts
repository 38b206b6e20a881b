import type { ValueRule } from "../../src/config/match-rules.ts";
import type { RequestText, RouteText } from "./routes.ts";

/** What a route table should find, worked out from the texts of the routes in the plainest way there is. */

/** The index of the route that gets a request; -1 if none does. */
export function expectedRoute(routes: readonly RouteText[], request: RequestText): number {
  let best = -1;
  for (const [index, route] of routes.entries()) {
    if (!matches(route, request)) continue;
    if (best < 0 || isBefore(route, routes[best] as RouteText)) best = index;
  }
  return best;
}

/** Whether a request keeps all that a route says. */
export function matches(route: RouteText, request: RequestText): boolean {
  const { method = "GET", host = "", path = "/", query = "", clientAddress = "", headers = {} } = request;
  const cookies = Object.fromEntries(
    (headers.cookie ?? "").split("; ").map((pair) => pair.split("=") as [string, string]),
  );
  const parameters = Object.fromEntries([...new URLSearchParams(query)].reverse());
  const isPreflight = method === "OPTIONS" && headers.origin !== undefined;
  const asked = isPreflight ? headers["access-control-request-method"] : undefined;
  return (
    (route.host === undefined || hostExpression(route.host).test(host)) &&
    (route.path === undefined || pathExpression(route.path).test(path)) &&
    (!route.methods?.length || [method, asked].some((one) => route.methods?.includes(one ?? "?"))) &&
    (!route.clients?.length || route.clients.includes(clientAddress)) &&
    allHold(route.headers, headers) &&
    allHold(route.query, parameters) &&
    allHold(route.cookies, cookies)
  );
}

/** What stands in a path for a pattern's parameters. */
export function expectedParams(pattern: string, path: string): Record<string, string> {
  return { ...pathExpression(pattern).exec(path)?.groups };
}

function hostExpression(host: string): RegExp {
  return new RegExp(`^${host.replaceAll(".", "\\.").replace("*", ".+")}$`);
}

function pathExpression(path: string): RegExp {
  const open = path.endsWith("/*") ? (path === "/*" ? ".*" : "(?:/.*)?") : "";
  const fixed = path.replace(/\/\*$/, "").replace(/:(\w+)/g, "(?<$1>[^/]+)");
  return new RegExp(`^${fixed}${open}$`);
}

function allHold(
  rules: Readonly<Record<string, ValueRule>> = {},
  values: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(rules).every(([name, rule]) => {
    const value = values[name];
    if (value === undefined) return false;
    return rule === true || (typeof rule === "string" ? rule === value : value.search(rule) >= 0);
  });
}

function isBefore(a: RouteText, b: RouteText): boolean {
  const keysOfA = keysOf(a);
  const keysOfB = keysOf(b);
  const first = keysOfA.findIndex((key, index) => key !== keysOfB[index]);
  return first >= 0 && (keysOfA[first] as number | string) < (keysOfB[first] as number | string);
}

/** Less is before. */
function keysOf({ priority = 0, host, path, methods, clients, headers, query, cookies }: RouteText) {
  const named = [headers, query, cookies].map((rules) => Object.keys(rules ?? {}).length);
  const lists = [methods, clients].map((list) => (list?.length ? 1 : 0));
  return [
    -priority,
    host === undefined ? 2 : host.startsWith("*") ? 1 : 0,
    host?.startsWith("*") ? -host.length : 0,
    pathKey(path),
    -[...named, ...lists].reduce((sum, count) => sum + count, 0),
  ];
}

/** A letter a segment: a text, b parameter, c end, d what may follow; e no path at all. */
function pathKey(path: string | undefined): string {
  if (path === undefined) return "e";
  const end = path.endsWith("/*") ? "d" : "c";
  const segments = path.replace(/\/\*$/, "").split("/").slice(1);
  return segments.map((segment) => (segment.startsWith(":") ? "b" : "a")).join("") + end;
}
