import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileConfig } from "../../../src/config/types/file.ts";
import type { MiddlewareConfig } from "../../../src/config/types/middleware.ts";
import type { RouteConfig } from "../../../src/config/types/routes.ts";
import { FEW_ROUTES, routesOf } from "../route-kinds.ts";
import type { Additions, Contender } from "./contender.ts";
import { plainLb } from "./lb.ts";
import { commandOf, type LbProgram } from "./lb-program.ts";

/** `lb` as a config file sets it up: with routes, and with middlewares. */

/** `lb` without a file: what the files are measured by. */
export const FLAGS_ALONE = "flags alone";
/** A file with nothing but a pool and a route that leads there. */
export const ONE_ROUTE = "one route";
/** The same with others that the requests have to be told from. */
export const TEN_ROUTES = `${FEW_ROUTES} routes`;
/** One route with a list of middlewares. */
export const FIVE_MIDDLEWARES = "five middlewares";

/** The field that each request gets, and each answer. */
const SET_FIELD = "x-bench";
const SET_VALUE = "set";
/** All pools of the kinds of routes have this name. */
const POOL = "a";
const ROUTE_FOR_ALL: RouteConfig = { pool: POOL };

/**
 * What many sites have: two that change the request, four that change the answer, and one that counts. CORS has one origin,
 * so that each answer says that it depends on it; the limit is the highest there is, and nobody reaches it.
 */
const FIVE: readonly MiddlewareConfig[] = [
  { requestId: {} },
  { requestHeaders: { set: { [SET_FIELD]: SET_VALUE } } },
  { responseHeaders: { set: { [SET_FIELD]: SET_VALUE } } },
  { cors: { origins: ["https://app.example.com"] } },
  { rateLimit: { perSecond: 1_000_000 } },
];
const ADDED_BY_FIVE: Additions = {
  toRequests: new RegExp(`^${SET_VALUE} [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
  toAnswers: ["x-request-id", SET_FIELD, "vary", "ratelimit"],
};

/** `lb` without a file, under the name that it has beside those with one. */
export function flagsAlone(program: LbProgram): Contender {
  return { ...plainLb(program), name: FLAGS_ALONE };
}

/** `lb` with each of the files. */
export function fileContenders(program: LbProgram): Contender[] {
  return [
    fromFile(program, ONE_ROUTE, [ROUTE_FOR_ALL]),
    // The requests' own is the most general and so the last to be asked.
    fromFile(program, TEN_ROUTES, [...routesOf("mixed", FEW_ROUTES - 1), ROUTE_FOR_ALL]),
    fromFile(program, FIVE_MIDDLEWARES, [{ ...ROUTE_FOR_ALL, middleware: FIVE }], ADDED_BY_FIVE),
  ];
}

function fromFile(
  program: LbProgram,
  name: string,
  routes: readonly RouteConfig[],
  adds?: Additions,
): Contender {
  const plain = plainLb(program);
  return {
    ...plain,
    name,
    ...(adds && { adds }),
    lacks: { ...plain.lacks, tls: "its file has no certificate" },
    missing: () => (program.flags.has("--config") ? plain.missing() : "this lb has no --config"),
    command({ port, backendPort, directory }) {
      const file = join(directory, "lb.json");
      const config: FileConfig = {
        listeners: [{ port }],
        pools: { [POOL]: { backends: [`http://127.0.0.1:${backendPort}`] } },
        routes,
      };
      writeFileSync(file, JSON.stringify(config));
      return commandOf(program, ["--config", file]);
    },
  };
}
