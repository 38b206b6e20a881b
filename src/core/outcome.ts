/**
 * How one try at a backend ended, as a small number. It is the only thing that the HTTP side tells the
 * core about an exchange, and everything the core learns (load, health, retry) it learns from it.
 */
export const Outcome = {
  /** An answer with a status below 500. */
  ok: 0,
  /**
   * An answer with a status of 500 or above, but for those of `gatewayError`. It is the backend's own answer
   * and goes to the client.
   */
  serverError: 1,
  /** No connection: refused, no route, name not found, TLS refused. The request was surely not sent. */
  connectFailed: 2,
  /** The connection ended before any byte of an answer. The request may have been processed. */
  reset: 3,
  /** No answer in time. The request may have been processed, or may be being processed still. */
  timedOut: 4,
  /** The backend answered something that is not HTTP. */
  malformed: 5,
  /** The answer began and its body then broke. The client has part of it. */
  bodyBroken: 6,
  /** The client left before the exchange was over: says nothing about the backend. */
  clientGone: 7,
  /** The request itself could not be sent on (its body broke or was refused by the runtime). */
  requestBroken: 8,
  /** This side has no room for another connection to the backend. The request was surely not sent. */
  noRoom: 9,
  /** An answer with 502, 503 or 504: the backend, or what stands behind it, cannot do its work at all. */
  gatewayError: 10,
  /** This side stopped it, since another try of the same request was answered first: says nothing about the backend. */
  cancelled: 11,
} as const;

/** One of the numbers in the table of the same name. */
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** What an answer with this status comes to, if its body comes to its end. */
export function outcomeOf(status: number): Outcome {
  if (status < 500) return Outcome.ok;
  return status >= 502 && status <= 504 ? Outcome.gatewayError : Outcome.serverError;
}

/** True if the request surely never reached the backend's application, so that any method may be sent again. */
export function neverSent(outcome: Outcome): boolean {
  return outcome === Outcome.connectFailed || outcome === Outcome.noRoom;
}

/** True if the outcome counts against the backend rather than against the client. */
export function isFailure(outcome: Outcome): boolean {
  return (
    outcome !== Outcome.ok &&
    outcome !== Outcome.clientGone &&
    outcome !== Outcome.requestBroken &&
    outcome !== Outcome.cancelled &&
    outcome !== Outcome.noRoom
  );
}

/**
 * True if the outcome says that the backend did not do its work at all: no connection, no answer or half of
 * one, or an answer that says so. An error of the application's is none (Envoy's `consecutive_gateway_failure`).
 */
export function isGatewayFailure(outcome: Outcome): boolean {
  return isFailure(outcome) && outcome !== Outcome.serverError;
}

/** True if the outcome may well mean that the backend has more to do than it can. */
export function isDrop(outcome: Outcome): boolean {
  return outcome === Outcome.timedOut || outcome === Outcome.gatewayError;
}
