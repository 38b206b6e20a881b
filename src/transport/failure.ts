import { Outcome } from "../core/outcome.ts";
import { InvalidStatus } from "./dialects/standard.ts";
import type { TransportFailure } from "./transport.ts";

/**
 * What the runtimes' `fetch` throws, read as an outcome. Each runtime says it in its own way: Bun by
 * `code`, Node by `cause.code`, Deno by the words of `cause.message`. What is not known here counts as
 * "may have been processed".
 */

/** A backend behind a Unix socket, and a `fetch` that reaches none, as in all runtimes but Bun. */
export class OutOfReach extends Error {
  override readonly name = "OutOfReach";

  constructor() {
    super("this runtime's fetch reaches no Unix sockets: use the http1 transport");
  }
}

/** Codes of Bun and Node that mean that no connection came about. */
const NO_CONNECTION = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ConnectionRefused", "connection refused"],
  ["FailedToOpenSocket", "connection refused"],
  // These three are a Unix socket's: the last says that its queue of connections is full.
  ["ENOENT", "no such socket"],
  ["EACCES", "no permission to connect"],
  ["EAGAIN", "its queue of connections is full"],
  ["ENOTFOUND", "host name not found"],
  ["EAI_AGAIN", "host name not found"],
  ["DNSNotFound", "host name not found"],
  ["EHOSTUNREACH", "no route to the host"],
  ["ENETUNREACH", "no route to the network"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting timed out"],
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is self-signed"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is self-signed"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate cannot be verified"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its certificate cannot be verified"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
]);

/** Codes that mean that this side has run out of what a connection takes, which says nothing about the backend. */
const NO_ROOM = new Map([
  ["EADDRNOTAVAIL", "no local port is left to connect from"],
  ["EMFILE", "this process has too many open files"],
  ["ENFILE", "this system has too many open files"],
  ["ENOBUFS", "this system has no memory left for sockets"],
]);

/** Codes that mean that the answer was not HTTP. */
const MALFORMED = /^(Malformed_HTTP_Response|InvalidHTTPResponse|HPE_|UND_ERR_RES)/;

/** Deno's words for the same two. Hyper says `client error (Connect)` of everything before the request. */
const DENO_NO_CONNECTION = /client error \(Connect\)|dns error/;
const DENO_MALFORMED = /invalid HTTP|parse|invalid chunk|message head is too large/i;

/** Reads what `fetch` threw. */
export function fetchFailure(error: unknown): TransportFailure {
  if (error instanceof InvalidStatus) return { outcome: Outcome.malformed, message: error.message };
  if (error instanceof OutOfReach) return { outcome: Outcome.connectFailed, message: error.message };
  const code = codeOf(error);
  const noConnection = NO_CONNECTION.get(code);
  if (noConnection !== undefined) return { outcome: Outcome.connectFailed, message: noConnection };
  const noRoom = NO_ROOM.get(code);
  if (noRoom !== undefined) return { outcome: Outcome.noRoom, message: noRoom };
  const words = causeMessage(error);
  if (DENO_NO_CONNECTION.test(words)) {
    const message = words.includes("dns error") ? "host name not found" : "connection refused";
    return { outcome: Outcome.connectFailed, message };
  }
  if (MALFORMED.test(code) || DENO_MALFORMED.test(words)) {
    return { outcome: Outcome.malformed, message: "the answer is not HTTP" };
  }
  return { outcome: Outcome.reset, message: "the connection closed before an answer" };
}

/** How deep causes are followed: no runtime nests more, and somebody's might go in a circle. */
const MOST_CAUSES = 8;

function codeOf(error: unknown, depth = 0): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && code !== "") return code;
  if (typeof cause === "object" && cause !== null && depth < MOST_CAUSES) return codeOf(cause, depth + 1);
  return "";
}

function causeMessage(error: unknown, depth = 0): string {
  const { message, cause } = (error ?? {}) as { message?: unknown; cause?: unknown };
  const own = typeof message === "string" ? message : "";
  const isNested = typeof cause === "object" && cause !== null && depth < MOST_CAUSES;
  return isNested ? `${own} ${causeMessage(cause, depth + 1)}` : own;
}
