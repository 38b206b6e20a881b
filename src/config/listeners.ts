import * as v from "valibot";
import { fileName } from "./file-name.ts";
import {
  DEFAULT_CONNECTIONS,
  DEFAULT_FRONT,
  DEFAULT_PORT,
  FRONT_NAMES,
  HEAD_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  MOST_CONNECTIONS,
  MOST_LISTENERS,
  REQUEST_BODY_TIMEOUT_MS,
} from "./process.ts";
import { named, optional, required, withDefault } from "./schema/keys.ts";
import { failed, inside, issue, pathItem, runBy } from "./schema/run.ts";
import { isObject, listOf, objectOf } from "./schema/shapes.ts";
import { milliseconds, oneOf, text, wholeNumber } from "./schema/values.ts";

/** What clients are shown. */
export const listenerTlsSchema = named(
  "ListenerTlsConfig",
  "What clients are shown when they speak TLS. The files are named from the folder of the config file.",
  objectOf({
    cert: required("The file with the certificate and its chain, as PEM.", fileName()),
    key: required("The file with the key for it, as PEM.", fileName()),
  }),
);

const listener = objectOf({
  port: withDefault("The port to listen on; 0 takes a free one.", wholeNumber(0, 65_535), DEFAULT_PORT),
  host: optional(
    "The address to listen on.",
    text("an address such as 127.0.0.1 or ::1", /^[^\s/]+$/),
    "all interfaces",
  ),
  tls: optional("Clients speak TLS, with this certificate.", listenerTlsSchema, "plain TCP"),
  front: withDefault(
    "What takes clients' connections: `http1` is lb's own and relays bytes as they are, `web` is the runtime's server.",
    oneOf(FRONT_NAMES),
    DEFAULT_FRONT,
  ),
  maxConnections: withDefault(
    "Clients' connections at once, in each worker; one more is answered 503. Only with the front `http1`.",
    wholeNumber(1, MOST_CONNECTIONS),
    DEFAULT_CONNECTIONS,
  ),
  headTimeoutMs: withDefault(
    "The longest wait for a request's head from its first byte, in milliseconds. Only with the front `http1`.",
    milliseconds(1),
    HEAD_TIMEOUT_MS,
  ),
  bodyTimeoutMs: withDefault(
    "The longest silence in the middle of a request's body, in milliseconds. Only with the front `http1`.",
    milliseconds(1),
    REQUEST_BODY_TIMEOUT_MS,
  ),
  keepAliveTimeoutMs: withDefault(
    "The longest wait for a connection's next request, in milliseconds. Only with the front `http1`.",
    milliseconds(1),
    KEEP_ALIVE_MS,
  ),
});

/**
 * The keys that only the front `http1` keeps: the runtime's own server counts no connections, and has one time for
 * all of their waiting.
 */
export const HTTP1_KEYS = ["maxConnections", "headTimeoutMs", "bodyTimeoutMs", "keepAliveTimeoutMs"] as const;

/** Where clients are listened for. */
export const listenerSchema = named(
  "ListenerConfig",
  "Where clients are listened for, and how their connections are taken.",
  runBy<typeof listener>(listener, ({ value }, config) => {
    const result = listener["~run"]({ value }, config);
    if (!isObject(value) || value.front !== "web") return result;
    const misfits = HTTP1_KEYS.filter((key) => value[key] !== undefined);
    const issues = misfits.flatMap((key) =>
      inside([issue("strict_object", value[key], onlyWith("front", "web", "http1"))], value, key, value[key]),
    );
    return failed(result.value, [...(result.issues ?? []), ...issues]);
  }),
);

/** The sentence on a key that one kind of something alone has. */
export function onlyWith(what: string, found: string, expected: string): string {
  return `found with the ${what} ${found}, expected ${expected}, which alone has it`;
}

/** One, checked, with every default filled in. */
export type ListenerRules = v.InferOutput<typeof listener>;

/** Where one listens. Without a host it is all interfaces. */
export type ListeningPlace = Pick<ListenerRules, "host" | "port">;

/** All of them. */
export const listenersSchema = v.pipe(
  listOf(listenerSchema, "a list of listeners"),
  v.minLength(1, "found none, expected at least one listener"),
  v.maxLength(MOST_LISTENERS, `found more than ${MOST_LISTENERS}, expected fewer`),
  v.rawCheck<readonly ListenerRules[]>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    for (const [index, one] of value.entries()) {
      const before = value.slice(0, index).findIndex((other) => clash(one, other));
      if (before < 0) continue;
      const message = `found ${one.port}, which listeners[${before}] has already, expected another port`;
      addIssue({ message, path: [pathItem(value, index, one), pathItem(one, "port", one.port)] });
    }
  }),
);

/** Whether the system would refuse the second of these. What it resolves names to is for it to say. */
export function clash(a: ListeningPlace, b: ListeningPlace): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || a.host === undefined || b.host === undefined;
}
