import * as v from "valibot";
import { backendSchema } from "../../config/backends.ts";
import { SHARED } from "../../config/config.ts";
import { PROCESS, type ResolvedFile } from "../../config/file.ts";
import { healthCheckSchema } from "../../config/health-check.ts";
import { HTTP1_KEYS } from "../../config/listeners.ts";
import { poolSchema } from "../../config/pool.ts";
import { writtenPools } from "../../config/pools.ts";
import { routeSchema } from "../../config/routes.ts";
import type { Schema } from "../../config/schema/run.ts";
import { isObject } from "../../config/schema/shapes.ts";
import type { FileConfig } from "../../config/types/file.ts";

/** What is read of any schema here. Which of these there are depends on its type. */
interface Node extends Schema {
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly value?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly Schema[];
  readonly default?: unknown;
  readonly isSecret?: boolean;
}

/** What stands in the place of what is nobody's to see. */
const HIDDEN = "[secret]";

/** Header fields whose values are. */
const SECRET_NAME = /^(?:proxy-)?authorization$|cookie|token|secret|password|api-?key/i;

/**
 * A config as one that says everything: every default is filled in, pools have what they have from the top, and keys
 * stand in one order, whatever format and order it is written in. It is itself a config, but for secrets and functions,
 * of which it says only that they are there.
 *
 * @param written The config as it is written, and right.
 * @param file The same, resolved.
 */
export function writtenOut(written: FileConfig, file: ResolvedFile): Readonly<Record<string, unknown>> {
  const { $schema: _, ...process } = PROCESS;
  const values = written as Readonly<Record<string, unknown>>;
  const top = keysOf({ ...process, ...SHARED }, values);
  if (written.transport === "fetch") delete top.connectTimeoutMs;
  const pools = writtenPools(values).map(([name, pool]): [string, unknown] => [
    name,
    filled(poolSchema, pool),
  ]);
  const routes = written.routes?.length ? written.routes : [{ pool: [...file.pools.keys()][0] }];
  return {
    ...top,
    pools: sorted(pools),
    routes: routes.map((route, index) => filled(routeSchema, { ...route, name: file.routes[index]?.name })),
  };
}

function filled(schema: Node, value: unknown): unknown {
  if (schema.type === "optional") {
    const given = value === undefined ? schema.default : value;
    return given === undefined ? undefined : filled(schema.wrapped as Schema, given);
  }
  if (schema.isSecret === true) return HIDDEN;
  if (typeof value === "function") return `[function ${value.name || "without a name"}]`;
  if (value instanceof RegExp) return { pattern: value.source, ...(value.flags && { flags: value.flags }) };
  if (schema.entries !== undefined && isObject(value)) return listenerOrOther(keysOf(schema.entries, value));
  if (schema.item !== undefined && Array.isArray(value)) {
    return value.map((item) => filled(schema.item as Schema, item));
  }
  if (schema.type === "record" && isObject(value)) return record(schema.value as Schema, value);
  if (schema.type === "union") return ofUnion(schema, value);
  return value;
}

function keysOf(entries: Readonly<Record<string, Schema>>, values: Readonly<Record<string, unknown>>) {
  const all: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(entries)) {
    const value = filled(schema, values[key]);
    if (value !== undefined) all[key] = value;
  }
  return all;
}

/** The front `web` refuses what it cannot keep, be it the default. */
function listenerOrOther(values: Record<string, unknown>): Record<string, unknown> {
  if (values.front === "web") for (const key of HTTP1_KEYS) delete values[key];
  return values;
}

function record(schema: Schema, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = Object.entries(values).filter(([, value]) => value !== undefined);
  return sorted(
    all.map(([name, value]) => {
      const isHidden = typeof value === "string" && SECRET_NAME.test(name);
      return [name, isHidden ? HIDDEN : filled(schema, value)];
    }),
  );
}

function ofUnion(schema: Node, value: unknown): unknown {
  if ((schema as { name?: string }).name === backendSchema.name) return backend(value);
  const given = isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
    : value;
  const option = schema.options?.find((candidate) => v.is(candidate, given));
  return option === undefined ? value : filled(option, given);
}

/** A backend as an object, be it a text with options; its own checks say only what is different. */
function backend(value: unknown): unknown {
  const { origin, weight, tier, maxInFlight, drain = false } = v.parse(backendSchema, value);
  const own = isObject(value) ? value.healthCheck : undefined;
  const healthCheck = isObject(own) ? own : undefined;
  return {
    url: origin,
    weight,
    tier,
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    drain,
    ...(healthCheck === undefined ? {} : { healthCheck: ownCheck(healthCheck) }),
  };
}

function ownCheck(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { entries = {} }: Node = healthCheckSchema;
  const given = Object.entries(entries).filter(([key]) => values[key] !== undefined);
  return keysOf(Object.fromEntries(given), values);
}

function sorted(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
