import { Outcome } from "../core/outcome.ts";
import type { Refusal } from "../core/waiting.ts";
import { Histogram } from "./histogram.ts";

/** How a request can go wrong for its client, by the names that reports use. */
export const ERRORS = [
  "answered500",
  "answered503",
  "noAnswer",
  "timedOut",
  "noBackend",
  "queueFull",
  "queueTimedOut",
  "left",
  "turnedAway",
] as const;

/** One of the words above. */
export type ErrorKind = (typeof ERRORS)[number];

/** What the clients of one run met. */
export class Measurements {
  /** From each request's arrival until its client had an answer, good or bad, or left. */
  readonly latency = new Histogram();
  /** Tries after the first. */
  retries = 0;
  /** How often a backend was taken out. */
  ejections = 0;
  readonly #errors = new Map<ErrorKind, number>(ERRORS.map((kind) => [kind, 0]));

  /** A request is over. */
  over(latencyMs: number, error: ErrorKind | undefined): void {
    this.latency.record(latencyMs);
    if (error !== undefined) this.#errors.set(error, this.errors(error) + 1);
  }

  /** A request was not let in. */
  turnAway(): void {
    this.#errors.set("turnedAway", this.errors("turnedAway") + 1);
  }

  /** How many requests went wrong in this way. */
  errors(kind: ErrorKind): number {
    return this.#errors.get(kind) ?? 0;
  }
}

/** What the outcome of its last try is to a client; undefined if it is a good answer. */
export function errorOf(outcome: Outcome): ErrorKind | undefined {
  switch (outcome) {
    case Outcome.ok:
      return undefined;
    case Outcome.serverError:
      return "answered500";
    case Outcome.gatewayError:
      return "answered503";
    case Outcome.timedOut:
      return "timedOut";
    case Outcome.clientGone:
      return "left";
    default:
      return "noAnswer";
  }
}

/** What it is to a client that its request went to no backend. */
export function refusalError(why: Refusal): ErrorKind {
  switch (why) {
    case "no-backend":
      return "noBackend";
    case "queue-full":
      return "queueFull";
    case "queue-timeout":
      return "queueTimedOut";
    default:
      return "timedOut";
  }
}
