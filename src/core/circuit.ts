import type { Cancel } from "./clock.ts";
import { RecentCount } from "./recent-count.ts";

/** What a circuit can be. */
export const CircuitState = {
  /** Requests pass. */
  closed: 0,
  /** None do. */
  open: 1,
  /** A few do, to see how they fare. */
  halfOpen: 2,
} as const;

/** One of the numbers in the table of the same name. */
export type CircuitState = (typeof CircuitState)[keyof typeof CircuitState];

/** The window is counted in so many buckets: it is exact to a tenth. */
const BUCKETS = 10;

/** One backend's circuit: counters and a state; `Breaker` has the rules. */
export class Circuit {
  state: CircuitState = CircuitState.closed;
  /** When `state` last changed, in the clock's milliseconds. What began before says nothing about it. */
  sinceMs = 0;
  /** When it is half-open next, in the clock's milliseconds; of the last time that it opened. */
  openUntilMs = 0;
  /** Why it opened last, in words. */
  openReason = "";
  /** How often it has opened since it was last closed. */
  openings = 0;
  /** While half-open: probes that may still begin. */
  probesLeft = 0;
  /** While half-open: probes that went well. */
  probesPassed = 0;
  /** Ends its being open. */
  cancelOpen: Cancel | undefined = undefined;
  readonly requests: RecentCount;
  readonly failures: RecentCount;

  /** @param windowMs How far back requests count, in milliseconds. */
  constructor(windowMs: number) {
    this.requests = new RecentCount(BUCKETS, windowMs / BUCKETS);
    this.failures = new RecentCount(BUCKETS, windowMs / BUCKETS);
  }

  /** Whether it is half-open, and as many probes as it takes are under way. */
  get isSpent(): boolean {
    return this.state === CircuitState.halfOpen && this.probesLeft <= 0;
  }
}
