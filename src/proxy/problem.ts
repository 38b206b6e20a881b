import { Outcome } from "../core/outcome.ts";
import type { Refusal } from "../core/waiting.ts";

/** An answer of the balancer's own, as RFC 9457 has it. Nothing in it tells of what lies behind. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  /** One sentence for whoever reads the answer. */
  readonly detail: string;
  /**
   * The error type of `Proxy-Status` (RFC 9209 §2.3), perhaps with more of its parameters, where the proxy failed rather
   * than the client.
   */
  readonly proxyStatus?: string;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** The methods for `Allow`. */
  readonly allow?: string;
  /** What `WWW-Authenticate` asks for (RFC 9110 §11.6.1). */
  readonly challenge?: string;
}

/** Makes the answer; its body is a complete `application/problem+json`. */
export function problemResponse(problem: Problem): Response {
  return new Response(problemBody(problem), { status: problem.status, headers: problemFields(problem) });
}

/** The answer's fields, names in lower case. */
export function problemFields(problem: Problem): Record<string, string> {
  const fields: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (problem.proxyStatus !== undefined) fields["proxy-status"] = `lb; error=${problem.proxyStatus}`;
  if (problem.retryAfterSeconds !== undefined) fields["retry-after"] = String(problem.retryAfterSeconds);
  if (problem.allow !== undefined) fields.allow = problem.allow;
  if (problem.challenge !== undefined) fields["www-authenticate"] = problem.challenge;
  return fields;
}

/** The answer's body. */
export function problemBody({ title, status, detail }: Problem): string {
  return `${JSON.stringify({ type: "about:blank", title, status, detail })}\n`;
}

/** The request breaks HTTP's rules. */
export function badRequest(detail: string): Problem {
  return { status: 400, title: "Bad Request", detail };
}

/** A method that is not forwarded. */
export function methodNotAllowed(method: string): Problem {
  const allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  return { status: 405, title: "Method Not Allowed", detail: `${method} is not forwarded.`, allow };
}

/** Nobody is let in without saying who they are; or not as who they say. @param challenge How they may say it. */
export function unauthorized(challenge: string): Problem {
  return { status: 401, title: "Unauthorized", detail: "The request needs valid credentials.", challenge };
}

/** Somebody asks for more than they may. */
export function tooManyRequests(retryAfterSeconds: number): Problem {
  return {
    status: 429,
    title: "Too Many Requests",
    detail: "Too many requests came in a short time.",
    retryAfterSeconds,
  };
}

/** Nothing is answered for a while: what it takes is not to be had, or on purpose. */
export function serviceUnavailable(detail: string, retryAfterSeconds: number): Problem {
  return { status: 503, title: "Service Unavailable", detail, retryAfterSeconds };
}

/** The request is sound, but this way of forwarding cannot carry it. */
export function notImplemented(detail: string): Problem {
  return { status: 501, title: "Not Implemented", detail };
}

/** Whoever asks may not have it. */
export function forbidden(detail: string): Problem {
  return { status: 403, title: "Forbidden", detail };
}

/** The request's body is longer than it may be. */
export function contentTooLarge(maxBytes: number): Problem {
  const detail = `The request's body is longer than ${maxBytes} bytes.`;
  return { status: 413, title: "Content Too Large", detail };
}

/** The request's target is longer than it may be. */
export function uriTooLong(detail: string): Problem {
  return { status: 414, title: "URI Too Long", detail };
}

/** The request's fields are longer than they may be. */
export function fieldsTooLarge(maxBytes: number): Problem {
  const detail = `The request's fields are longer than ${maxBytes} bytes.`;
  return { status: 431, title: "Request Header Fields Too Large", detail };
}

/** The backend's answer is longer than it may be. */
export function answerTooLarge(maxBytes: number): Problem {
  return {
    status: 502,
    title: "Bad Gateway",
    detail: `The backend's answer is longer than ${maxBytes} bytes.`,
    proxyStatus: "http_response_body_size",
  };
}

/**
 * What a client is told whose request went to no backend.
 *
 * @param retryAfterSeconds When one that is out may be back.
 */
export function refusalProblem(why: Refusal, retryAfterSeconds: number): Problem {
  switch (why) {
    case "queue-full":
      return QUEUE_FULL;
    case "queue-timeout":
      return QUEUE_TIMEOUT;
    case "request-timeout":
      return GATEWAY_TIMEOUT;
    default:
      return noBackend(retryAfterSeconds);
  }
}

/** Every backend is out. */
function noBackend(retryAfterSeconds: number): Problem {
  return {
    status: 503,
    title: "Service Unavailable",
    detail: "No backend is available at the moment.",
    proxyStatus: "destination_unavailable",
    retryAfterSeconds,
  };
}

/** Every backend has as many requests as it may, and is expected to have fewer in a moment. */
function busy(detail: string, cause: string): Problem {
  return {
    status: 503,
    title: "Service Unavailable",
    detail,
    proxyStatus: `connection_limit_reached; details="${cause}"`,
    retryAfterSeconds: 1,
  };
}

const QUEUE_FULL = busy("There is no room for another request, nor for one more that waits.", "queue full");
const QUEUE_TIMEOUT = busy("There was no room for the request in time.", "queue timeout");

/** The client's body ended before it was whole, or is not as long as it was said to be. */
export const BROKEN_BODY = badRequest("The request's body broke off.");

/** No route of the config is for the request, or the one that is does not say who answers. */
export const NO_ROUTE: Problem = {
  status: 404,
  title: "Not Found",
  detail: "No route is for this request.",
};

/** A handler or a middleware threw, or gave something that is no answer. */
export const INTERNAL_ERROR: Problem = {
  status: 500,
  title: "Internal Server Error",
  detail: "The request could not be answered.",
};

/** What a client is told when no try gave an answer: the last one's outcome decides. */
export function failureProblem(outcome: Outcome): Problem {
  switch (outcome) {
    case Outcome.timedOut:
      return GATEWAY_TIMEOUT;
    case Outcome.connectFailed:
      return badGateway("connection_refused");
    case Outcome.noRoom:
      return badGateway("connection_limit_reached");
    case Outcome.malformed:
      return badGateway("http_protocol_error");
    case Outcome.requestBroken:
      return BROKEN_BODY;
    default:
      return badGateway("connection_terminated");
  }
}

/** The backend could not be reached, or broke off. */
function badGateway(proxyStatus: string): Problem {
  return { status: 502, title: "Bad Gateway", detail: "The backend did not give an answer.", proxyStatus };
}

/** The backend took too long. */
const GATEWAY_TIMEOUT: Problem = {
  status: 504,
  title: "Gateway Timeout",
  detail: "The backend did not answer in time.",
  proxyStatus: "http_response_timeout",
};
