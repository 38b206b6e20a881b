import { neverSent, Outcome } from "../../core/outcome.ts";
import { fetchFailure } from "../failure.ts";
import type { TransportFailure } from "../transport.ts";

/** Why a request got no answer, or its answer no end. */
export class Http1Failure extends Error implements TransportFailure {
  override readonly name = "Http1Failure";
  readonly outcome: Outcome;

  constructor(outcome: Outcome, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.outcome = outcome;
  }
}

/** No connection came about; the request was surely not sent. */
export function notConnected(cause: unknown): Http1Failure {
  const { outcome, message } = fetchFailure(cause);
  return neverSent(outcome)
    ? new Http1Failure(outcome, message, cause)
    : new Http1Failure(Outcome.connectFailed, "no connection came about", cause);
}

/** Reads what `send` rejected with. */
export function http1Failure(error: unknown): TransportFailure {
  if (error instanceof Http1Failure) return error;
  return { outcome: Outcome.reset, message: "the exchange was broken off" };
}
