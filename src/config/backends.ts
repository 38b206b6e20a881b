import * as v from "valibot";
import { portProblem } from "./check-port.ts";
import { healthCheckSchema, resolveOwnCheck } from "./health-check.ts";
import { parseOrigin } from "./origin.ts";
import { ConfigError, didYouMean } from "./problem.ts";
import type { ProbeRules, ResolvedBackend, ResolvedHealthCheck } from "./resolved.ts";
import { check } from "./schema/check.ts";
import { named, optional, required, withDefault } from "./schema/keys.ts";
import {
  bare,
  type Dataset,
  failed,
  found,
  inside,
  issue,
  type PathItem,
  passed,
  runBy,
} from "./schema/run.ts";
import { isObject, listOf, objectOf } from "./schema/shapes.ts";
import { text, wholeNumber, yesOrNo } from "./schema/values.ts";
import type { BackendConfig } from "./types/backends.ts";
import type { HealthCheckConfig } from "./types/health-check.ts";

/** The highest limit on the requests under way at one backend. */
export const MOST_IN_FLIGHT = 1_000_000;

const WEIGHT = wholeNumber(1, 1000);
const TIER = wholeNumber(0, 100);
const LIMIT = wholeNumber(0, MOST_IN_FLIGHT);

/** A backend with options. */
export const backendObjectSchema = named(
  "BackendOptions",
  "A backend's URL, with options.",
  objectOf({
    url: required(
      "An origin, `http://host:port` or `https://host:port`, or a Unix socket, `unix:/run/app.sock`.",
      text("a URL"),
    ),
    weight: withDefault("Its share of the traffic relative to the others of its tier.", WEIGHT, 1),
    tier: withDefault("0 is first choice; what tier 1 gets, and when, `overprovisioning` says.", TIER, 0),
    maxInFlight: optional(
      "The most requests under way there; 0 is no limit.",
      LIMIT,
      "the pool's `maxInFlight`",
    ),
    drain: withDefault(
      "Whether it is to finish what it has and get nothing new; its sessions it keeps for a while, if there is `sticky`.",
      yesOrNo(),
      false,
    ),
    healthCheck: optional("What is different in its health checks.", healthCheckSchema, "nothing"),
  }),
);

/** One that was checked by itself; its own checks wait for what all have. */
export interface CheckedBackend extends ResolvedBackend {
  readonly ownCheck?: HealthCheckConfig;
}

const kinds = v.union([v.string(), backendObjectSchema]);

/** A backend. */
export const backendSchema = named(
  "BackendConfig",
  "A backend: its URL, which may end in options (`http://a:1;weight=3;tier=1;max-in-flight=100;drain`), or an object.",
  runBy<v.GenericSchema<v.InferInput<typeof kinds>, CheckedBackend>>(kinds, ({ value }, config) => {
    if (typeof value === "string") return fromText(value);
    if (isObject(value) && typeof value.url === "string") {
      return fromObject(value, value.url, backendObjectSchema["~run"]({ value }, config));
    }
    const message = `${found(value)}, expected a URL or an object with a url`;
    return failed(value, [issue("union", value, message)]);
  }),
);

const NONE = "found none, expected at least one URL such as http://localhost:8081";

const list = v.pipe(
  // Each error says of which backend it is.
  listOf(backendSchema, "a list of URLs", () => true),
  v.minLength(1, NONE),
  v.rawCheck<readonly CheckedBackend[]>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const seen = new Set<string>();
    for (const [index, { origin }] of dataset.value.entries()) {
      const message = `${origin} is listed twice, expected each backend once`;
      if (seen.has(origin)) addIssue({ message, path: [hidden(dataset.value, index)] });
      seen.add(origin);
    }
  }),
);

/** A list of backends. Their own checks are not worked out yet: that takes what all have, and `withProbes`. */
export const backendsSchema = runBy<typeof list>(list, ({ value }, config) =>
  value === undefined ? failed(value, [issue("array", value, NONE)]) : list["~run"]({ value }, config),
);

/** What is wrong with a backend's own checks. */
interface ProbeProblem {
  /** Its place in the list. */
  readonly index: number;
  /** Where in its checks; empty for all of them. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Works out how backends are checked that differ from the others. */
export function withProbes(
  backends: readonly CheckedBackend[],
  healthCheck: ResolvedHealthCheck | false,
): { readonly backends: readonly ResolvedBackend[]; readonly problems: readonly ProbeProblem[] } {
  const problems: ProbeProblem[] = [];
  const resolved = backends.map(({ ownCheck, ...backend }, index): ResolvedBackend => {
    const tell = (message: string, path: ProbeProblem["path"] = []) =>
      problems.push({ index, path, message });
    if (healthCheck === false) {
      if (ownCheck !== undefined)
        tell(`${backend.origin} has a healthCheck, but the config's healthCheck is false`);
      return backend;
    }
    try {
      const checked = ownCheck === undefined ? backend : withOwnCheck(backend, ownCheck, healthCheck);
      const message = portProblem(checked, healthCheck.port);
      if (message !== undefined) tell(message);
      return checked;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { path, place, message } of error.problems) {
        tell(`${backend.origin} healthCheck${place}: ${message}`, path.slice(1));
      }
      return backend;
    }
  });
  return { backends: resolved, problems };
}

function withOwnCheck(
  backend: ResolvedBackend,
  config: HealthCheckConfig,
  all: ResolvedHealthCheck,
): ResolvedBackend {
  const { rise, fall, ...probe } = resolveOwnCheck("", config, all);
  return { ...backend, probe, rise, fall };
}

/**
 * Reads a list of backends.
 *
 * @param backends URLs, each with options after a semicolon (`http://a:1;weight=3;tier=1;drain`), or objects.
 * @param healthCheck How all are checked, for those that differ in part. Default: they are not.
 * @throws ConfigError with all that is wrong: an empty list, a bad URL or option, the same origin twice.
 */
export function parseBackends(
  backends: readonly BackendConfig[] | undefined,
  healthCheck: ResolvedHealthCheck | false = false,
): readonly ResolvedBackend[] {
  const made = withProbes(check(backendsSchema, backends, "backends"), healthCheck);
  if (made.problems.length === 0) return made.backends;
  throw new ConfigError(
    made.problems.map(({ index, path, message }) => ({
      path: ["backends", index, "healthCheck", ...path],
      place: "backends",
      message,
    })),
  );
}

/** The checks that differ, by the backends' origins. */
export function ownProbes(backends: readonly ResolvedBackend[]): ReadonlyMap<string, ProbeRules> {
  return new Map(backends.flatMap(({ origin, probe }) => (probe === undefined ? [] : [[origin, probe]])));
}

/** Its errors say which backend they are about, by its URL, as they do where it is a text. */
function fromObject(value: Readonly<Record<string, unknown>>, url: string, result: Dataset): Dataset {
  const issues = (result.issues ?? []).map((wrong) => {
    const items: readonly PathItem[] = wrong.path ?? [];
    const [path] = [items.map((item): PathItem => ({ ...item, isUnsaid: true })) as [PathItem]];
    return { ...wrong, path, message: aboutBackend(url, items, wrong.message) };
  });
  const origin = originOf(url);
  if (origin instanceof ConfigError) {
    issues.push(
      ...inside([issue("string", url, origin.message)], value, "url", url, true).map((wrong) => ({
        ...wrong,
        path: wrong.path as [PathItem],
      })),
    );
  }
  if (result.issues || origin instanceof ConfigError) return failed(value, issues);
  const { weight, tier, maxInFlight, drain } = result.value as v.InferOutput<typeof backendObjectSchema>;
  return passed({
    origin,
    weight,
    tier,
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(drain ? { drain } : {}),
    ...(value.healthCheck === undefined ? {} : { ownCheck: value.healthCheck as HealthCheckConfig }),
  });
}

function aboutBackend(url: string, items: readonly PathItem[], message: string): string {
  const said = items.filter(({ isUnsaid }) => isUnsaid !== true).map(({ key }) => String(key));
  const backend = bare(url);
  if (said.length === 0) return `${backend} has${message.slice("found".length)}`;
  if (said.length === 1 && said[0] !== "drain" && said[0] !== "healthCheck") {
    return `${backend} has ${said[0]}=${message.slice("found ".length)}`;
  }
  return `${backend} ${said.join(".")}: ${message}`;
}

function hidden(input: unknown, index: number): PathItem {
  return { type: "unknown", origin: "value", input, key: index, value: undefined, isUnsaid: true };
}

function originOf(url: string): string | ConfigError {
  try {
    return parseOrigin(url);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** The options after a backend's URL that have a value: the keys that they stand for, and what they take. */
const VALUES = {
  weight: ["weight", WEIGHT],
  tier: ["tier", TIER],
  "max-in-flight": ["maxInFlight", LIMIT],
} as const;
const OPTIONS = [...Object.keys(VALUES), "drain"];

function fromText(whole: string): Dataset {
  const [url = "", ...options] = whole.split(";").map((part) => part.trim());
  const spec: Record<string, unknown> = { weight: 1, tier: 0 };
  const wrong = (message: string) => issue("string", whole, message);
  const issues = options.flatMap((option) => {
    if (option === "drain") {
      spec.drain = true;
      return [];
    }
    if (Object.hasOwn(VALUES, option))
      return [wrong(`${bare(url)} has the option "${option}", expected ${option}=N`)];
    const [name = "", value = ""] = option.split("=").map((part) => part.trim());
    if (!Object.hasOwn(VALUES, name)) {
      const expected = "weight=N, tier=N, max-in-flight=N or drain";
      const near = didYouMean(name, OPTIONS);
      return [wrong(`${bare(url)} has the option "${bare(option)}", expected ${expected}${near}`)];
    }
    const [key, schema] = VALUES[name as keyof typeof VALUES];
    const result = v.safeParse(schema, /^\d+$/.test(value) ? Number(value) : Number.NaN);
    spec[key] = result.output;
    if (result.success) return [];
    const expected = result.issues[0].message.slice(result.issues[0].message.indexOf(", expected"));
    return [wrong(`${bare(url)} has ${name}=${bare(value)}${expected}`)];
  });
  const origin = originOf(url);
  if (origin instanceof ConfigError) issues.push(wrong(origin.message));
  return failed({ origin, ...spec }, issues);
}
