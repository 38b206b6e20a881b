import * as v from "valibot";
import { adminSchema } from "./admin.ts";
import { backendTlsSchema } from "./backend-tls.ts";
import { LOAD_BALANCER } from "./config.ts";
import { listenersSchema, onlyWith } from "./listeners.ts";
import {
  CONNECT_TIMEOUT_MS,
  DEFAULT_LOG_FORMAT,
  DEFAULT_LOG_LEVEL,
  DEFAULT_TRANSPORT,
  LOG_FORMATS,
  LOG_LEVELS,
  MAX_PENDING,
  MOST_PENDING,
  MOST_WORKERS,
  SHUTDOWN_TIMEOUT_MS,
  TRANSPORT_NAMES,
} from "./process.ts";
import type { ResolvedConfig } from "./resolved-config.ts";
import { check } from "./schema/check.ts";
import { named, optional, withDefault } from "./schema/keys.ts";
import { failed, found, inside, issue, passed, runBy } from "./schema/run.ts";
import { isObject, objectOf } from "./schema/shapes.ts";
import { milliseconds, oneOf, text, wholeNumber, yesOrNo } from "./schema/values.ts";
import { withRoutes } from "./site.ts";
import type { LoadBalancerConfig } from "./types/config.ts";
import type { FileConfig } from "./types/file.ts";

const someWorkers = v.union([
  v.literal("auto"),
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_WORKERS)),
]);

const workers = runBy<typeof someWorkers>(someWorkers, ({ value }) => {
  if (v.is(someWorkers, value)) return passed(value);
  const message = `${found(value)}, expected auto or a whole number from 1 to ${MOST_WORKERS}`;
  return failed(value, [issue("union", value, message)]);
});

/** The keys that are of a process, and so stand in a file alone. */
export const PROCESS = {
  $schema: optional(
    "Where editors find the JSON Schema of this file, which `lb schema` prints. It says nothing to the balancer.",
    text("a text"),
    "nowhere",
  ),
  listeners: withDefault("Where clients are listened for.", listenersSchema, [{}]),
  workers: withDefault("Processes that share the ports, on Linux; `auto` is one a CPU.", workers, 1),
  transport: withDefault(
    "How backends are reached: `http1` is lb's own client, `fetch` the runtime's.",
    oneOf(TRANSPORT_NAMES),
    DEFAULT_TRANSPORT,
  ),
  connectTimeoutMs: withDefault(
    "The longest wait for a connection to a backend, TLS included, in milliseconds. Only with the transport `http1`.",
    milliseconds(1),
    CONNECT_TIMEOUT_MS,
  ),
  maxPending: withDefault(
    "The most requests that wait for a connection to each backend, in each worker; one more goes elsewhere. Only with the transport `http1`.",
    wholeNumber(1, MOST_PENDING),
    MAX_PENDING,
  ),
  backendTls: withDefault("How `https` backends are spoken to.", backendTlsSchema, {}),
  admin: optional(
    "Where the balancer is looked into and told what to do, while it runs.",
    adminSchema,
    "nowhere",
  ),
  watch: withDefault(
    "Whether the config is read again when its file changes, or a file that it is made of. A mistake in it is told, and changes nothing.",
    yesOrNo(),
    false,
  ),
  logFormat: withDefault(
    "How log lines look: for people, or one JSON object a line.",
    oneOf(LOG_FORMATS),
    DEFAULT_LOG_FORMAT,
  ),
  logLevel: withDefault(
    "How much is logged: this and what weighs more.",
    oneOf(LOG_LEVELS),
    DEFAULT_LOG_LEVEL,
  ),
  shutdownTimeoutMs: withDefault(
    "The longest wait for requests under way at shutdown, in milliseconds.",
    milliseconds(0),
    SHUTDOWN_TIMEOUT_MS,
  ),
};

/** What no runtime's `fetch` has. */
const HTTP1_KEYS = ["connectTimeoutMs", "maxPending"] as const;

const process = objectOf(PROCESS);
const keys = withRoutes({ ...LOAD_BALANCER, ...PROCESS });

/** Everything that a config file may say. */
export const fileSchema = named(
  "FileConfig",
  "A config file: a load balancer, and the process that it runs in.",
  runBy<typeof keys>(keys, ({ value }, config) => {
    const result = keys["~run"]({ value }, config);
    if (!isObject(value) || value.transport !== "fetch") return result;
    const issues = HTTP1_KEYS.flatMap((key) => {
      if (value[key] === undefined) return [];
      const wrong = issue("strict_object", value[key], onlyWith("transport", "fetch", "http1"));
      return inside([wrong], value, key, value[key]);
    });
    return failed(result.value, [...(result.issues ?? []), ...issues]);
  }),
  { base: "LoadBalancerConfig" },
);

/** A config file that was checked, with every default filled in. */
export type ResolvedFile = ResolvedConfig & Omit<v.InferOutput<typeof process>, "$schema">;

/**
 * Checks what a config file says and fills in the defaults.
 *
 * @param value What a program or a parser made of it.
 * @throws ConfigError with all that is wrong.
 */
export function resolveFile(value: unknown): ResolvedFile {
  return check(fileSchema, value);
}

/** What a config file says of the load balancer: all but the keys of the process. */
export function loadBalancerIn(file: FileConfig): LoadBalancerConfig {
  return Object.fromEntries(Object.entries(file).filter(([key]) => !Object.hasOwn(PROCESS, key)));
}
