import type * as v from "valibot";
import { MATCHES_ALL } from "./match-rules.ts";
import { poolNames, withPools } from "./pools.ts";
import { type RouteSettings, unknownPools } from "./routes.ts";
import { failed, inside, issue, pathItem, runBy, type Schema } from "./schema/run.ts";
import { isObject } from "./schema/shapes.ts";
import { orList } from "./schema/values.ts";

type Pooled<Entries extends v.ObjectEntries> = ReturnType<typeof withPools<Entries>>;

/** Routes, of which there is at least one, and what else the config says. */
type Output<Entries extends v.ObjectEntries> = Omit<v.InferOutput<Pooled<Entries>>, "routes"> & {
  readonly routes: readonly RouteSettings[];
};

/**
 * A config whose routes name pools that there are. Without routes, all requests go to the only pool.
 *
 * @param entries Its keys: `backends`, `pools`, `routes`, those of `POOL`, and others.
 */
export function withRoutes<Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<v.InferInput<Pooled<Entries>>, Output<Entries>> {
  const schema: Schema = withPools(entries);
  return runBy(schema, ({ value }, config) => {
    const result = schema["~run"]({ value }, config);
    if (!isObject(value)) return result;
    const names = poolNames(value);
    const routes = Array.isArray(value.routes) ? value.routes : [];
    const issues = [...(result.issues ?? []), ...unknownPools(routes, names).map(issueOf)];
    const isEmpty = routes.length === 0 && (value.routes === undefined || Array.isArray(value.routes));
    if (isEmpty && names.length > 1) {
      const message = `found none, expected which requests go to ${orList(names)}`;
      issues.push(...inside([issue("array", value.routes, message)], value, "routes", value.routes));
    }
    const settings = result.value as { readonly routes?: readonly RouteSettings[] };
    const made = isEmpty ? [allTo(names[0] ?? "")] : settings.routes;
    return failed({ ...settings, routes: made }, issues);
  });
}

/** The one route of a config that has none. */
function allTo(pool: string): RouteSettings {
  return { name: "*", match: MATCHES_ALL, priority: 0, pool, middleware: [] };
}

function issueOf({ path, message }: ReturnType<typeof unknownPools>[number]): v.BaseIssue<unknown> {
  // Of a split, the name is a key, which the message tells.
  const isKey = path.at(-2) === "pools";
  const items = path.map((key, index) => pathItem({}, key, undefined, isKey && index === path.length - 1));
  const [first, ...rest] = items as [ReturnType<typeof pathItem>];
  return { ...issue("picklist", undefined, message), path: [first, ...rest] };
}
