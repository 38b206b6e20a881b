import { latin1Bytes } from "../http1/latin1.ts";
import { type Malformed, MalformedKind } from "../http1/malformed.ts";
import { type Problem, problemBody, problemFields } from "../proxy/problem.ts";
import { httpDate } from "../system.ts";

/** What a client is told whose bytes are no request. */
export function malformedProblem({ kind, message }: Malformed): Problem {
  const detail = `The request cannot be read: ${message}.`;
  switch (kind) {
    case MalformedKind.bodyTooLarge:
      return { status: 413, title: "Content Too Large", detail };
    case MalformedKind.targetTooLong:
      return { status: 414, title: "URI Too Long", detail };
    case MalformedKind.headTooLarge:
      return { status: 431, title: "Request Header Fields Too Large", detail };
    case MalformedKind.transferCoding:
      return { status: 501, title: "Not Implemented", detail };
    case MalformedKind.version:
      return { status: 505, title: "HTTP Version Not Supported", detail };
    default:
      return { status: 400, title: "Bad Request", detail };
  }
}

/** The head, or the rest of the body, did not come in time. */
export const REQUEST_TIMEOUT: Problem = {
  status: 408,
  title: "Request Timeout",
  detail: "The request did not come in time.",
};

/** There are as many connections as there may be. */
export const TOO_MANY_CONNECTIONS: Problem = {
  status: 503,
  title: "Service Unavailable",
  detail: "There are too many connections.",
  retryAfterSeconds: 1,
};

/**
 * A problem as a whole answer in bytes.
 *
 * @param method The request's, since the answer to a HEAD has no body. Undefined if it could not be read.
 * @param isKept Whether the connection takes another request after it.
 */
export function refusalBytes(problem: Problem, method: string | undefined, isKept: boolean): Uint8Array {
  const body = problemBody(problem);
  const fields = {
    ...problemFields(problem),
    "content-length": String(new TextEncoder().encode(body).length),
    date: httpDate(),
    connection: isKept ? "keep-alive" : "close",
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join("")}\r\n`;
  return latin1Bytes(method === "HEAD" ? head : head + body);
}
