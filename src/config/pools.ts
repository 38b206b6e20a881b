import * as v from "valibot";
import { backendsSchema } from "./backends.ts";
import { MERGED_KEYS, POOL, poolSchema } from "./pool.ts";
import { DEFAULT_POOL, POOL_NAME, POOL_NAME_WORDS } from "./pool-name.ts";
import type { ResolvedPool } from "./resolved.ts";
import { failed, found, inside, issue, passed, runBy } from "./schema/run.ts";
import { isObject, type ObjectSchema, objectOf, recordOf } from "./schema/shapes.ts";
import type { PoolConfig } from "./types/pool.ts";

/** Several pools, by their names. */
export const poolsSchema: v.GenericSchema<
  Readonly<Record<string, PoolConfig>>,
  Readonly<Record<string, ResolvedPool>>
> = recordOf(POOL_NAME, POOL_NAME_WORDS, poolSchema);

/** The same before it is known what a pool has from the top of the config: only that each is an object. */
const namedObjects = recordOf(
  POOL_NAME,
  POOL_NAME_WORDS,
  runBy<v.GenericSchema<object>>(v.looseObject({}), ({ value }) =>
    isObject(value)
      ? passed(value)
      : failed(value, [issue("strict_object", value, `${found(value)}, expected an object`)]),
  ),
);

type Issues = v.BaseIssue<unknown>[];
type Values = Readonly<Record<string, unknown>>;
type Input<Entries extends v.ObjectEntries> = v.InferInput<ObjectSchema<Entries>>;
type PoolKey = keyof typeof POOL | "backends" | "pools";

/** Pools, each with all that it has, and what else the config says. */
type Output<Entries extends v.ObjectEntries> = Omit<v.InferOutput<ObjectSchema<Entries>>, PoolKey> & {
  readonly pools: ReadonlyMap<string, ResolvedPool>;
};

/**
 * A config whose pools have from its top what they do not say themselves. Keys are judged at the top as far as they
 * can be there, and in each pool together with what it has from the top, so that nothing is told twice.
 *
 * @param entries Its keys: `backends`, `pools`, those of `POOL`, and others.
 */
export function withPools<Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<Input<Entries>, Output<Entries>> {
  const top = objectOf({ ...entries, pools: v.optional(namedObjects) });
  return runBy(objectOf(entries), ({ value }, config) => {
    const result = top["~run"]({ value }, config);
    if (!isObject(value)) return result;
    const issues: Issues = [...(result.issues ?? [])];
    const wrong = new Set(issues.map(({ path }) => path?.[0].key));
    const isRight = (key: string) => !wrong.has(key) && value[key] !== undefined;
    const shared = partOf(value, Object.keys(POOL).filter(isRight));
    const pools = new Map<string, unknown>();
    const add = (name: string, pool: object, wrap: (found: Issues) => Issues) => {
      const made = poolSchema["~run"]({ value: pool }, config);
      if (made.issues) issues.push(...wrap(made.issues));
      else pools.set(name, made.value);
    };
    if (isRight("backends")) add(DEFAULT_POOL, { ...shared, backends: value.backends }, (all) => all);
    for (const [name, pool] of poolsOf(value)) {
      add(name, merged(shared, pool), (all) =>
        inside(inside(all, value.pools, name, pool), value, "pools", value.pools),
      );
    }
    issues.push(...missingOrTwice(value, config));
    const { value: all } = result;
    const others = Object.entries(all as Values).filter(
      ([key]) => key !== "backends" && !Object.hasOwn(POOL, key),
    );
    return failed({ ...Object.fromEntries(others), pools }, issues);
  });
}

/** What is wrong with which pools there are. */
function missingOrTwice(value: Values, config: v.Config<v.BaseIssue<unknown>>): Issues {
  const { backends, pools } = value;
  const names = isObject(pools) ? Object.keys(given(pools)) : [];
  if (backends === undefined && (pools === undefined || (isObject(pools) && names.length === 0))) {
    const none = backendsSchema["~run"]({ value: undefined }, config).issues ?? [];
    return inside(none, value, "backends", undefined);
  }
  if (backends === undefined || !names.includes(DEFAULT_POOL)) return [];
  const message = `found the pool "${DEFAULT_POOL}" beside backends, which are the pool of that name, expected one of them`;
  return inside([issue("record", pools, message)], value, "pools", pools);
}

/** The names of the pools that a config has, right or wrong. */
export function poolNames(value: Values): string[] {
  const names = poolsOf(value).map(([name]) => name);
  return value.backends === undefined || names.includes(DEFAULT_POOL) ? names : [DEFAULT_POOL, ...names];
}

/**
 * The pools of a config as they are written, each with what it has from the top.
 *
 * @param value A config that is right.
 */
export function writtenPools(value: Values): [name: string, pool: Values][] {
  const shared = partOf(
    value,
    Object.keys(POOL).filter((key) => value[key] !== undefined),
  );
  const { backends } = value;
  const own = backends === undefined ? [] : [[DEFAULT_POOL, { ...shared, backends }] as [string, Values]];
  return [...own, ...poolsOf(value).map(([name, pool]): [string, Values] => [name, merged(shared, pool)])];
}

/** Those that can be judged. */
function poolsOf({ pools }: Values): [name: string, pool: Values][] {
  if (!isObject(pools)) return [];
  return Object.entries(pools).filter(
    (entry): entry is [string, Values] => POOL_NAME.test(entry[0]) && isObject(entry[1]),
  );
}

/**
 * What a pool says before what the top of the config says. Of objects that are sets of numbers, each key by itself:
 * who asks for another path wants the same intervals. What is a choice, as `sticky` and `hedge`, is taken whole.
 */
function merged(shared: Values, pool: Values): Values {
  const own = given(pool);
  const parts = MERGED_KEYS.flatMap((key) => {
    const [theirs, ours] = [shared[key], own[key]];
    return isObject(theirs) && isObject(ours) ? [[key, { ...theirs, ...given(ours) }]] : [];
  });
  return { ...shared, ...own, ...Object.fromEntries(parts) };
}

function given(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function partOf(values: Values, keys: readonly string[]): Values {
  return Object.fromEntries(keys.map((key) => [key, values[key]]));
}
