import type { DistributionName } from "./distribution.ts";

/** What a balancer is put through: clients, backends, and what goes wrong with them. Shares are from 0 to 1. */
export interface Scenario {
  /** Everything that is left to chance comes from it: the same seed is the same run. A whole number below 2³². */
  readonly seed: number;
  /** Clients ask independently of one another, so often a second on average. */
  readonly requestsPerSecond: number;
  /** For so long; then what is under way is waited for. */
  readonly durationMs: number;
  /** How many clients there are. Each request is one of theirs, of every one as likely; it is what algorithms by key go by. */
  readonly clients: number;
  /** The share of requests that must not be sent twice, as a POST. */
  readonly postShare: number;
  /** How long a client waits for its answer before it leaves, in milliseconds; 0 is for ever. */
  readonly patienceMs: number;
  /** How long a request takes where nothing is in its way, in milliseconds on average. */
  readonly serviceMs: number;
  /** How these times are spread. */
  readonly distribution: DistributionName;
  /** How many requests a backend works on at once. */
  readonly concurrency: number;
  /** The share of backends that are slow. */
  readonly slowShare: number;
  /** How many times longer these take. */
  readonly slowness: number;
  /** The share of backends that crash, and are started again, over and over. */
  readonly crashShare: number;
  /** How long these run, on average, in milliseconds. */
  readonly crashEveryMs: number;
  /** How long they are then down, in milliseconds. */
  readonly restartMs: number;
  /** The share of backends with the faults below. */
  readonly faultyShare: number;
  /** Of their connections, so many are refused. */
  readonly refusals: number;
  /** Of their requests, so many end in a closed connection instead of an answer. */
  readonly resets: number;
  /** Of their requests, so many are answered with 500. */
  readonly errors: number;
  /** Of the others, so many with 503. */
  readonly unavailable: number;
}

/** A calm day: nothing goes wrong, and the backends could do four times as much. */
export const CALM: Scenario = {
  seed: 1,
  requestsPerSecond: 10_000,
  durationMs: 60_000,
  clients: 10_000,
  postShare: 0.1,
  patienceMs: 0,
  serviceMs: 10,
  distribution: "lognormal",
  concurrency: 4,
  slowShare: 0,
  slowness: 10,
  crashShare: 0,
  crashEveryMs: 60_000,
  restartMs: 5_000,
  faultyShare: 1,
  refusals: 0,
  resets: 0,
  errors: 0,
  unavailable: 0,
};

/**
 * How many of `n` a share is: none for 0, at least one for anything above, all for 1.
 *
 * @param share From 0 to 1.
 */
export function countOf(share: number, n: number): number {
  return share === 0 ? 0 : Math.max(1, Math.round(share * n));
}
