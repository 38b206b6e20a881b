/**
 * What a process is told, in a file or by flags: the words that there are, limits, and what it is without. It imports
 * nothing, so that whoever keeps one of these may have it from here.
 */

/** The port of those who name none. */
export const DEFAULT_PORT = 8080;

/** What takes clients' connections: `web` is the runtime's own server, `http1` our own on raw sockets. */
export const FRONT_NAMES = ["web", "http1"] as const;

/** One of them. */
export type FrontName = (typeof FRONT_NAMES)[number];

/** How the executable takes its clients' connections if it is not told: see docs/BENCHMARK.md for the reasons. */
export const DEFAULT_FRONT: FrontName = "http1";

/** How backends are reached: `http1` is our own client, `fetch` the runtime's. */
export const TRANSPORT_NAMES = ["fetch", "http1"] as const;

/** One of them. */
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/** How the executable reaches backends if it is not told: see docs/BENCHMARK.md for the reasons. */
export const DEFAULT_TRANSPORT: TransportName = "http1";

/** The longest wait for a connection to a backend, TLS included, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** The requests that may wait for a connection to one backend. */
export const MAX_PENDING = 8_192;

/** More would not be meant. */
export const MOST_PENDING = 1_000_000;

/** The longest wait for a request's head, from its first byte, in milliseconds: nginx's `client_header_timeout`. */
export const HEAD_TIMEOUT_MS = 60_000;

/** The longest silence in the middle of a request's body, in milliseconds: nginx's `client_body_timeout`. */
export const REQUEST_BODY_TIMEOUT_MS = 60_000;

/** How long a connection may be idle between requests, in milliseconds: nginx's `keepalive_timeout`. */
export const KEEP_ALIVE_MS = 75_000;

/** Clients' connections at once. */
export const DEFAULT_CONNECTIONS = 65_536;

/** As many file descriptors as Linux lets a process have unless it is told otherwise (`fs.nr_open`). */
export const MOST_CONNECTIONS = 1_048_576;

/** More listeners would not be meant. */
export const MOST_LISTENERS = 64;

/** More workers would not be meant. */
export const MOST_WORKERS = 256;

/** How much is logged, from most to least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is logged if nobody says. */
export const DEFAULT_LOG_LEVEL: LogLevel = "info";

/** How log lines look: for people, or one JSON object a line. */
export const LOG_FORMATS = ["pretty", "json"] as const;

/** One of them. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** How they look if nobody says. */
export const DEFAULT_LOG_FORMAT: LogFormat = "pretty";

/** The longest wait for requests under way at shutdown, in milliseconds. */
export const SHUTDOWN_TIMEOUT_MS = 30_000;
