import { ALGORITHM_LIST } from "../config/algorithm.ts";
import { DEFAULTS } from "../config/config.ts";
import {
  CONNECT_TIMEOUT_MS,
  DEFAULT_CONNECTIONS,
  DEFAULT_FRONT,
  DEFAULT_LOG_FORMAT,
  DEFAULT_LOG_LEVEL,
  DEFAULT_PORT,
  DEFAULT_TRANSPORT,
  FRONT_NAMES,
  HEAD_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  LOG_FORMATS,
  LOG_LEVELS,
  MAX_PENDING,
  SHUTDOWN_TIMEOUT_MS,
  TRANSPORT_NAMES,
} from "../config/process.ts";
import { ADMIN_FLAGS } from "./admin/admin-flags.ts";
import { BACKEND_TLS_FLAGS } from "./backend-tls.ts";
import type { Flags } from "./flags.ts";
import { HEALTH_FLAGS, READINESS_FLAGS } from "./readiness-flags.ts";
import { timeText } from "./time-text.ts";
import { TRIES_FLAGS } from "./tries-flags.ts";

/** The flags of `lb serve`: their names, defaults and one line on each, for the help, the docs and the parser. */
export const SERVE_FLAGS = {
  backends: {
    type: "string",
    valueHint: "URL[,URL…]",
    description: "where requests go; an entry may end in ;weight=3;tier=1;max-in-flight=100;drain",
    isList: true,
    key: "backends",
  },
  config: {
    type: "string",
    valueHint: "FILE",
    description:
      "a config file: .yaml, .json, .toml, .ts or .js; flags and variables count more than what it says (default, without --backends, lb.config.yaml, .json or .toml)",
  },
  port: {
    type: "string",
    valueHint: "PORT",
    description: "the port to listen on; 0 takes a free one",
    default: String(DEFAULT_PORT),
    key: "listeners.port",
  },
  host: {
    type: "string",
    valueHint: "ADDRESS",
    description: "the address to listen on (default all interfaces)",
    key: "listeners.host",
  },
  algorithm: {
    type: "string",
    valueHint: "NAME",
    description: `how a backend is chosen: ${ALGORITHM_LIST}`,
    default: DEFAULTS.algorithm,
    key: "algorithm",
  },
  "hash-balance-factor": {
    type: "string",
    valueHint: "N",
    description:
      "with a hash, header: or cookie:, how far above its share of load a backend may go; off is no limit",
    default: String(DEFAULTS.hashBalanceFactor),
    key: "hashBalanceFactor",
  },
  sticky: {
    type: "string",
    valueHint: "NAME",
    description: "what keeps a client at one backend: cookie, cookie:NAME, ip, header:NAME or off",
    default: "off",
    key: "sticky.by",
  },
  "sticky-secret": {
    type: "string",
    valueHint: "TEXT",
    description: "what the cookie's values are made with (default one of chance at each start)",
    key: "sticky.secret",
  },
  "sticky-secret-file": {
    type: "string",
    valueHint: "FILE",
    description: "the same, in a file",
  },
  transport: {
    type: "string",
    valueHint: "NAME",
    description: `how backends are reached: ${TRANSPORT_NAMES.join(" or ")}`,
    default: DEFAULT_TRANSPORT,
    key: "transport",
  },
  front: {
    type: "string",
    valueHint: "NAME",
    description: `how clients' connections are taken: ${FRONT_NAMES.join(" or ")}`,
    default: DEFAULT_FRONT,
    key: "listeners.front",
  },
  "max-connections": {
    type: "string",
    valueHint: "N",
    description:
      "clients' connections at once, in each worker; one more is answered 503; not with --front web",
    default: String(DEFAULT_CONNECTIONS),
    key: "listeners.maxConnections",
  },
  "head-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for a request's head from its first byte; not with --front web",
    default: timeText(HEAD_TIMEOUT_MS),
    key: "listeners.headTimeoutMs",
  },
  "keep-alive-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for a connection's next request; not with --front web",
    default: timeText(KEEP_ALIVE_MS),
    key: "listeners.keepAliveTimeoutMs",
  },
  "tls-cert": {
    type: "string",
    valueHint: "FILE",
    description: "the certificate and its chain, as PEM: clients then speak TLS",
    key: "listeners.tls.cert",
  },
  "tls-key": {
    type: "string",
    valueHint: "FILE",
    description: "the key for it, as PEM",
    key: "listeners.tls.key",
  },
  ...HEALTH_FLAGS,
  ...READINESS_FLAGS,
  ...TRIES_FLAGS,
  "connect-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for a connection to a backend; not with --transport fetch",
    default: timeText(CONNECT_TIMEOUT_MS),
    key: "connectTimeoutMs",
  },
  "max-pending": {
    type: "string",
    valueHint: "N",
    description:
      "the most requests that wait for a connection to each backend; one more goes elsewhere; not with --transport fetch",
    default: String(MAX_PENDING),
    key: "maxPending",
  },
  ...BACKEND_TLS_FLAGS,
  "trusted-proxies": {
    type: "string",
    valueHint: "CIDR[,CIDR…]",
    description: "whose X-Forwarded-*, Forwarded and X-Real-IP are believed (default nobody's)",
    isList: true,
    key: "trustedProxies",
  },
  forwarded: {
    type: "boolean",
    description: "also send the standard Forwarded header (RFC 7239)",
    key: "forwarded",
  },
  "status-path": {
    type: "string",
    valueHint: "PATH",
    description: "where lb answers with its own status, or off",
    default: DEFAULTS.statusPath,
    key: "statusPath",
  },
  ...ADMIN_FLAGS,
  watch: {
    type: "boolean",
    description: "read the config again when its file changes",
    key: "watch",
  },
  workers: {
    type: "string",
    valueHint: "N|auto",
    description: "processes that share the port, on Linux; auto is one a CPU",
    default: "1",
    key: "workers",
  },
  "log-format": {
    type: "string",
    valueHint: "NAME",
    description: LOG_FORMATS.join(" or "),
    default: DEFAULT_LOG_FORMAT,
    key: "logFormat",
  },
  "log-level": {
    type: "string",
    valueHint: "NAME",
    description: LOG_LEVELS.join(", "),
    default: DEFAULT_LOG_LEVEL,
    key: "logLevel",
  },
  "shutdown-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for requests under way at shutdown",
    default: timeText(SHUTDOWN_TIMEOUT_MS),
    key: "shutdownTimeoutMs",
  },
} as const satisfies Flags;
