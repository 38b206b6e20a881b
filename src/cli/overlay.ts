import { MERGED_KEYS } from "../config/pool.ts";
import { ConfigError } from "../config/problem.ts";
import { isObject } from "../config/schema/shapes.ts";
import type { Given } from "./given.ts";
import type { GivenConfig } from "./given-config.ts";
import { secretWithoutCookie } from "./sticky-settings.ts";

type Values = Readonly<Record<string, unknown>>;

/** The flags that say where one listener is, or what it shows: to several they mean nothing. */
const OF_ONE_LISTENER = ["port", "host", "tls-cert", "tls-key"] as const;

/**
 * What a config file says, with what flags and variables say over it: these count more, key by key at the top of the
 * file. Of objects that are sets of numbers they replace single keys, as a pool does with what it has from the top. What
 * a pool says of its own stays.
 *
 * @param file What the file holds, whether or not it makes sense; undefined without one.
 * @param given Where the flags were given, for errors.
 * @returns A new value; what is no object is left as it is.
 * @throws ConfigError for a flag that has nothing in the file to be about.
 */
export function overlaid(
  file: unknown,
  { keys, listener, stickySecret }: GivenConfig,
  given: Given,
): unknown {
  // A file with nothing in it, or with comments alone, is null to YAML.
  const base = file ?? {};
  if (!isObject(base)) return base;
  const merged: Record<string, unknown> = { ...base, ...keys };
  for (const key of [...MERGED_KEYS, "backendTls", "admin"]) {
    const [theirs, ours] = [base[key], (keys as Values)[key]];
    if (isObject(theirs) && isObject(ours)) merged[key] = { ...theirs, ...ours };
  }
  refuseHalfPair(given, "backend-cert", "backend-key", keys.backendTls, base.backendTls);
  if (Object.keys(listener).length > 0) merged.listeners = listenersOver(base.listeners, listener, given);
  if (stickySecret === undefined || keys.sticky !== undefined) return merged;
  const isSecretTaken = cookiesIn(merged).length > 0;
  if (!isSecretTaken) throw secretWithoutCookie(given);
  const top = merged.sticky;
  if (isObject(top) && top.by === "cookie") merged.sticky = { ...top, secret: stickySecret };
  return withSecret(merged, stickySecret);
}

/**
 * A config in which every cookie of sticky sessions that has no secret is made with this one.
 *
 * @param config As it is written, whether or not it makes sense.
 */
export function withSecret(config: unknown, secret: string): unknown {
  if (!isObject(config)) return config;
  const filled = (holder: Values): Values => {
    const { sticky } = holder;
    if (!isObject(sticky) || sticky.by !== "cookie" || sticky.secret !== undefined) return holder;
    return { ...holder, sticky: { ...sticky, secret } };
  };
  const { pools } = config;
  if (!isObject(pools)) return filled(config);
  const named = Object.entries(pools).map(([name, pool]) => [name, isObject(pool) ? filled(pool) : pool]);
  return { ...filled(config), pools: Object.fromEntries(named) };
}

function cookiesIn(config: Values): unknown[] {
  const pools = isObject(config.pools) ? Object.values(config.pools) : [];
  return [config, ...pools].filter(
    (holder) => isObject(holder) && isObject(holder.sticky) && holder.sticky.by === "cookie",
  );
}

/** One file of a certificate and its key is of no use without the other. */
function refuseHalfTls(listeners: unknown, { tls }: GivenConfig["listener"], given: Given): void {
  const [listener]: unknown[] = Array.isArray(listeners) ? listeners : [];
  refuseHalfPair(given, "tls-cert", "tls-key", tls, isObject(listener) ? listener.tls : undefined);
}

/** @param file What a config file says of the same, which may have the other one. */
function refuseHalfPair(
  given: Given,
  certFlag: string,
  keyFlag: string,
  pair: { readonly cert?: string; readonly key?: string } | undefined,
  file: unknown,
): void {
  if (pair === undefined || file !== undefined || (pair.cert === undefined) === (pair.key === undefined))
    return;
  const [present, absent] = pair.cert === undefined ? [keyFlag, certFlag] : [certFlag, keyFlag];
  throw new ConfigError(`${given.place(present)}: found no --${absent}, expected both or neither`);
}

function listenersOver(listeners: unknown, over: GivenConfig["listener"], given: Given): unknown {
  if (Array.isArray(listeners) && listeners.length > 1) {
    const flag = OF_ONE_LISTENER.find((name) => given.has(name));
    if (flag !== undefined) {
      throw new ConfigError(
        `${given.place(flag)}: found beside a config with ${listeners.length} listeners, expected it to be said there of one of them`,
      );
    }
  }
  refuseHalfTls(listeners, over, given);
  if (listeners === undefined) return [over];
  // What is wrong with it is told with the file.
  if (!Array.isArray(listeners)) return listeners;
  return listeners.map((listener: unknown) => {
    if (!isObject(listener)) return listener;
    const { tls } = listener;
    return { ...listener, ...over, ...(over.tls && { tls: { ...(isObject(tls) ? tls : {}), ...over.tls } }) };
  });
}
