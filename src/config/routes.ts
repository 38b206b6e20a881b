import * as v from "valibot";
import { matchSchema } from "./match.ts";
import { MATCHES_ALL, type MatchRules } from "./match-rules.ts";
import { type MiddlewareConfig, middlewareSchema, type ResolvedMiddleware } from "./middleware/entry.ts";
import { POOL_NAME, POOL_NAME_WORDS } from "./pool-name.ts";
import { type ConfigPath, type ConfigProblem, didYouMean } from "./problem.ts";
import { placeOf } from "./schema/check.ts";
import { named, optional, required, withDefault } from "./schema/keys.ts";
import { isObject, listOf, objectOf } from "./schema/shapes.ts";
import { decimal, milliseconds, orList, text, wholeNumber } from "./schema/values.ts";
import { splitSchema } from "./split.ts";

/** What requests and answers pass through. */
export const middlewaresSchema: v.GenericSchema<readonly MiddlewareConfig[], readonly ResolvedMiddleware[]> =
  listOf(middlewareSchema, "a list of middlewares");

function poolName() {
  return text(`the name of a pool: ${POOL_NAME_WORDS}`, POOL_NAME);
}

/** A second pool that gets copies of requests. */
export const mirrorSchema = named(
  "MirrorConfig",
  "A pool that gets copies of requests. Its answers are dropped.",
  objectOf({
    pool: required("The pool's name.", poolName()),
    percent: withDefault("How many of the requests are copied, in percent.", decimal(0, 100), 100),
  }),
);

const route = objectOf({
  name: optional(
    "What the route is called in logs, metrics and explanations.",
    text("a name in one line, of up to 100 characters", /^[ -~\u00a0-\uffff]{1,100}$/),
    "its host and path",
  ),
  match: optional("Which requests it is for.", matchSchema, "all"),
  priority: withDefault(
    "Higher is asked earlier. Among equals the more specific route is: by host, then by path, then by how much else it asks for.",
    wholeNumber(-1_000_000, 1_000_000),
    0,
  ),
  pool: optional(
    "The pool that gets its requests.",
    poolName(),
    "none, where there is `split` or a middleware that answers",
  ),
  split: optional("Several pools that share its requests by weight.", splitSchema, "one pool gets them"),
  mirror: optional("A pool that gets copies of its requests.", mirrorSchema, "none"),
  middleware: withDefault(
    "What its requests and their answers pass through, in this order.",
    middlewaresSchema,
    [],
  ),
  timeoutMs: optional(
    "The longest wait for the head of an answer, all tries together, in milliseconds; 0 is no limit.",
    milliseconds(0),
    "the pool's",
  ),
  requestTimeoutMs: optional(
    "The longest time from the end of a request's head to the last byte of its answer, in milliseconds; 0 is no limit.",
    milliseconds(0),
    "the pool's",
  ),
  queuePriority: optional(
    "How urgent its requests are where they wait for room, from 0, the most urgent, to 9.",
    wholeNumber(0, 9),
    "5",
  ),
});
type Route = v.InferOutput<typeof route>;

/** One route. */
export const routeSchema = named(
  "RouteConfig",
  "Some of the requests, and what becomes of them. It has a `pool`, a `split` or a middleware that answers.",
  v.pipe(
    route,
    v.check<Route, string>(
      ({ pool, split, middleware }) => pool !== undefined || split !== undefined || middleware.length > 0,
      "found neither pool, split nor middleware, expected one of them",
    ),
    v.check<Route, string>(
      ({ pool, split }) => pool === undefined || split === undefined,
      "found pool and split, expected one of them",
    ),
  ),
);

/** What a user writes. */
export type RouteConfig = v.InferInput<typeof routeSchema>;

/** A route that was checked, with every default. What is undefined is as the pool says, or is not there. */
export type RouteSettings = Omit<Route, "name" | "match"> & {
  /** Its own, or its host and path; no other route has the same. */
  readonly name: string;
  readonly match: MatchRules;
};

/** All of them. */
export const routesSchema: v.GenericSchema<readonly RouteConfig[], readonly RouteSettings[]> = v.pipe(
  listOf(routeSchema, "a list of routes"),
  v.rawCheck<readonly Route[]>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const names = new Set<string>();
    for (const [index, { name }] of dataset.value.entries()) {
      if (name === undefined) continue;
      if (names.has(name)) {
        const message = `found ${JSON.stringify(name)} twice, expected a name for each route`;
        addIssue({ message, path: [step(dataset.value, index), step(dataset.value[index], "name")] });
      }
      names.add(name);
    }
  }),
  v.transform(withNames),
);

/**
 * The pools that routes name and that there are not.
 *
 * @param routes As they are written, right or wrong.
 */
export function unknownPools(routes: readonly unknown[], pools: readonly string[]): readonly ConfigProblem[] {
  return routes.flatMap((route, index) => {
    if (!isObject(route)) return [];
    const { pool, split, mirror } = route;
    const parts = isObject(split) && isObject(split.pools) ? Object.keys(split.pools) : [];
    return [
      ...unknownPool(pool, ["routes", index, "pool"], pools),
      ...parts.flatMap((name) => unknownPool(name, ["routes", index, "split", "pools"], pools, name)),
      ...(isObject(mirror) ? unknownPool(mirror.pool, ["routes", index, "mirror", "pool"], pools) : []),
    ];
  });
}

/** @param key If the name is a key in what is there. */
function unknownPool(
  name: unknown,
  place: ConfigPath,
  pools: readonly string[],
  key?: string,
): ConfigProblem[] {
  // What is no name at all is told of as that.
  if (typeof name !== "string" || !POOL_NAME.test(name) || pools.includes(name)) return [];
  const expected = pools.length === 0 ? ", but there are no pools" : `, expected ${orList(pools)}`;
  const message = `found the unknown pool "${name}"${didYouMean(name, pools) || expected}`;
  return [{ path: key === undefined ? place : [...place, key], place: placeOf(place), message }];
}

/** A route without a name is called by what it matches; a number tells those apart that match the same. */
function withNames(routes: readonly Route[]): readonly RouteSettings[] {
  const taken = new Set(routes.map(({ name }) => name));
  return routes.map(({ name, match = MATCHES_ALL, ...rest }) => {
    const called = name ?? freeName(match, taken);
    taken.add(called);
    return { ...rest, name: called, match };
  });
}

function freeName({ host, path }: MatchRules, taken: ReadonlySet<string | undefined>): string {
  const name = `${host?.text ?? ""}${path?.text ?? ""}` || "*";
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name} (${number})`)) number++;
  return `${name} (${number})`;
}

function step(input: unknown, key: string | number): v.IssuePathItem {
  return {
    type: "unknown",
    origin: "value",
    input,
    key,
    value: (input as Record<string | number, unknown>)[key],
  };
}
