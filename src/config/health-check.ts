import * as v from "valibot";
import { checkTlsOrFalse } from "./check-tls.ts";
import type { ProbeMethod, ResolvedHealthCheck, StatusRange } from "./resolved.ts";
import { check } from "./schema/check.ts";
import { defaultsOf, named, optional, withDefault } from "./schema/keys.ts";
import { failed, found, issue, passed, runBy } from "./schema/run.ts";
import { objectOf, orFalse, recordOf } from "./schema/shapes.ts";
import {
  at,
  headerValue,
  milliseconds,
  oneOf,
  regExp,
  text,
  typed,
  urlPath,
  wholeNumber,
} from "./schema/values.ts";
import type { HealthCheckConfig } from "./types/health-check.ts";

/** The methods that a check may use. */
export const PROBE_METHODS = ["GET", "HEAD", "OPTIONS"] as const satisfies readonly ProbeMethod[];

const CUSTOMARY_PATH = "/health";

/** Names of fields; none that is of the connection, or that something else here decides. */
const FREE_NAME =
  /^(?!(?:host|connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|content-length|expect)$)[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/i;

const STATUSES = /^\s*[1-9]\d\d(?:-[1-9]\d\d)?\s*(?:,\s*[1-9]\d\d(?:-[1-9]\d\d)?\s*)*$/;

const statuses = runBy<v.GenericSchema<string | number, readonly StatusRange[]>>(
  v.union([v.pipe(v.string(), v.regex(STATUSES)), wholeNumber(100, 999)]),
  ({ value }) => {
    const ranges =
      typeof value === "string" || typeof value === "number" ? rangesOf(String(value)) : undefined;
    if (ranges !== undefined) return passed(ranges);
    const message = `${found(value)}, expected statuses such as 200-399 or 200,204,404`;
    return failed(value, [issue("union", value, message)]);
  },
);

const pattern = regExp();
const body = runBy<v.GenericSchema<v.InferInput<typeof pattern> | string, RegExp | string>>(
  typed(v.union([v.string(), pattern]), {
    type: "string | RegExp | { readonly pattern: string; readonly flags?: string }",
  }),
  ({ value }, config) => {
    if (typeof value === "string") return passed(value);
    if (typeof value === "object" && value !== null) return pattern["~run"]({ value }, config);
    return failed(value, [issue("union", value, `${found(value)}, expected a text or a pattern`)]);
  },
);

const HEALTH_CHECK = {
  path: withDefault(
    "What to ask for. `/health` is no more than a custom: if that path, and none other, meets a connection error or a time-out, `/` is asked as well.",
    urlPath(CUSTOMARY_PATH),
    CUSTOMARY_PATH,
  ),
  port: withDefault(
    "The port of the backend's host that is asked; 0 is the backend's own. Not for Unix sockets.",
    wholeNumber(0, 65_535),
    0,
  ),
  tls: withDefault(
    "What is different in TLS from requests to the same backend; `false`: it is asked in plain text, though it is `https`, such as on a port of its own.",
    checkTlsOrFalse,
    {},
  ),
  method: withDefault("How to ask: a check changes nothing (RFC 9110 §9.2.1).", oneOf(PROBE_METHODS), "GET"),
  host: optional(
    "The `Host` that is asked for.",
    // What else may not stand in a `Host` is for the backend to say (RFC 9110 §7.2).
    text("a name such as app.example.com", /^[\x21\x22\x24-\x2b\x2d\x2e\x30-\x3e\x41-\x5b\x5d-\x7e]*$/),
    "the backend's own host, and the port that is asked",
  ),
  headers: withDefault(
    "More header fields to send, by name.",
    recordOf(FREE_NAME, "one that a check may send", headerValue()),
    {},
  ),
  status: withDefault(
    "The statuses that are good: numbers and ranges, such as `200-299,404`, or one number.",
    statuses,
    "200-499",
  ),
  body: optional(
    "What a good answer has in its body, within the first 64 KiB, read as UTF-8: a text, or a `RegExp`, which is `{ pattern, flags }` in a file.",
    body,
    "nothing, and the body is not read",
  ),
  intervalMs: withDefault(
    "Time from one check to the next, in milliseconds, ±10 % so that balancers do not keep step.",
    milliseconds(1),
    10_000,
  ),
  intervalDownMs: withDefault(
    "The same while the backend is down, in milliseconds; 0 is `intervalMs`.",
    milliseconds(0),
    0,
  ),
  timeoutMs: withDefault("The longest wait for an answer, in milliseconds.", milliseconds(1), 2_000),
  rise: withDefault("Good checks in a row that bring a backend back.", wholeNumber(1, 1000), 1),
  fall: withDefault("Failed checks in a row that take a backend out.", wholeNumber(1, 1000), 1),
};

/** The defaults. */
export const HEALTH_CHECK_DEFAULTS = defaultsOf(HEALTH_CHECK);

const healthCheckObject = objectOf(HEALTH_CHECK);
type HealthCheck = v.InferOutput<typeof healthCheckObject>;

/** How backends are checked. */
export const healthCheckSchema = named(
  "HealthCheckConfig",
  "How backends are checked.",
  v.pipe(
    healthCheckObject,
    v.rawCheck<HealthCheck>(({ dataset, addIssue }) => {
      if (dataset.typed) bodyOfHead(dataset.value, addIssue);
    }),
    v.transform(rulesOf),
  ),
);

/**
 * Checks a config and fills in the defaults.
 *
 * @throws ConfigError with all that is wrong.
 */
export function resolveHealthCheck(config: HealthCheckConfig | false): ResolvedHealthCheck | false {
  return check(orFalse(healthCheckSchema), config, "healthCheck");
}

/**
 * Checks what one backend has of its own, and fills in what all have.
 *
 * @param place What to call it in an error.
 * @throws ConfigError with all that is wrong.
 */
export function resolveOwnCheck(
  place: string,
  config: HealthCheckConfig,
  all: ResolvedHealthCheck,
): ResolvedHealthCheck {
  const { statuses, fallsBack: _, ...shared } = all;
  const status = statuses.map((range) => range.join("-")).join(",");
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return check(healthCheckSchema, { ...shared, status, ...Object.fromEntries(given) }, place);
}

function bodyOfHead(
  healthCheck: HealthCheck,
  addIssue: (info: { message: string; path: [v.IssuePathItem] }) => void,
): void {
  const { method, body } = healthCheck;
  if (method !== "HEAD" || body === undefined || body === "") return;
  addIssue({ message: `${found(body)}, but the answer to a HEAD has no body`, ...at(healthCheck, "body") });
}

function rulesOf({ status, host = "", body = "", tls, ...others }: HealthCheck): ResolvedHealthCheck {
  const fallsBack = others.path === CUSTOMARY_PATH;
  return { ...others, fallsBack, tls, host, statuses: status, body };
}

/** `200-299,404` as ranges. */
function rangesOf(text: string): readonly StatusRange[] | undefined {
  if (!STATUSES.test(text)) return undefined;
  const ranges = text.split(",").map((part): StatusRange => {
    const [least, most = least] = part.split("-").map(Number) as [number, number?];
    return [least, most];
  });
  return ranges.every(([least, most]) => least <= most) ? ranges : undefined;
}
