import { type RouteConfig, routesSchema } from "../../src/config/routes.ts";
import { check } from "../../src/config/schema/check.ts";
import { latin1Bytes } from "../../src/http1/latin1.ts";
import { RouteTable } from "../../src/routing/route-table.ts";

/** Kinds of routes, of which a table may have any number. */

/** How many routes a small table has. */
export const FEW_ROUTES = 10;
/** And a large one. */
export const MANY_ROUTES = 1000;

/** A kind: its routes and what asks for them. */
interface RouteKind {
  /** The route with this number. */
  route(number: number): RouteConfig;
  /** The head of a request for it, without the empty line. */
  head(number: number): string;
}

const KINDS = {
  paths: {
    route: (number) => ({ match: { path: `/v1/service-${number}/*` }, pool: "a" }),
    head: (number) => `GET /v1/service-${number}/items/17 HTTP/1.1\r\nHost: www.example.com`,
  },
  hosts: {
    route: (number) => ({ match: { host: `tenant-${number}.example.com`, path: "/*" }, pool: "a" }),
    head: (number) => `GET /v1/items/17 HTTP/1.1\r\nHost: tenant-${number}.example.com`,
  },
  wildcards: {
    route: (number) => ({ match: { host: `*.tenant-${number}.example.com` }, pool: "a" }),
    head: (number) => `GET /v1/items/17 HTTP/1.1\r\nHost: www.tenant-${number}.example.com`,
  },
  parameters: {
    route: (number) => ({ match: { path: `/v1/:user/service-${number}/:id` }, pool: "a" }),
    head: (number) => `GET /v1/somebody/service-${number}/17 HTTP/1.1\r\nHost: www.example.com`,
  },
  conditions: {
    // Two for each path: one for a part of the requests, and one for the rest.
    route: (number) => {
      const path = `/service-${number >> 1}/*`;
      return number % 2 === 0
        ? { match: { path }, pool: "a" }
        : { match: { path, method: ["GET", "HEAD"], headers: { "x-version": "2" } }, pool: "a" };
    },
    head: (number) =>
      `GET /service-${number >> 1}/17 HTTP/1.1\r\nHost: www.example.com\r\nX-Version: ${1 + (number % 2)}`,
  },
} as const satisfies Readonly<Record<string, RouteKind>>;

/** The name of a kind; `mixed` is some of each. */
export type RouteKindName = keyof typeof KINDS | "mixed";

/** All of them. */
export const ROUTE_KINDS = [...Object.keys(KINDS), "mixed"] as readonly RouteKindName[];

const ALL: readonly RouteKind[] = Object.values(KINDS);

/** So many routes, all to the pool `a`. */
export function routesOf(kind: RouteKindName, size: number): RouteConfig[] {
  return Array.from({ length: size }, (_, number) => kindAt(kind, number).route(number));
}

/** A table of so many routes. */
export function tableOf(kind: RouteKindName, size: number): RouteTable<number> {
  const routes = check(routesSchema, routesOf(kind, size), "routes");
  return new RouteTable(routes.map((route, number) => ({ ...route, payload: number })));
}

/** The bytes of a request for the route with this number. */
export function headOf(kind: RouteKindName, number: number): Uint8Array {
  return latin1Bytes(`${kindAt(kind, number).head(number)}\r\n\r\n`);
}

function kindAt(kind: RouteKindName, number: number): RouteKind {
  return kind === "mixed" ? (ALL[number % ALL.length] as RouteKind) : KINDS[kind];
}
