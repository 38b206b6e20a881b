import { ALGORITHMS } from "../../src/core/picking/index.ts";
import type { Turn } from "./contenders/lineup.ts";
import type { Extra } from "./flags.ts";
import { turnsOfRound } from "./middleware.ts";
import { ROUTE_KINDS } from "./route-kinds.ts";
import type { Pace } from "./throughput.ts";

/** How long a run takes, for people who wait for it. */

/** A backend and a proxy that start, are checked, and end. */
const START_SECONDS = 0.5;
/** What a turn takes beside its load: wrk that starts and ends, and the pause between two turns. */
const AROUND_A_TURN_SECONDS = 0.3;
/** The load before idle clients, the clients that come, and two pauses. */
const IDLE_SECONDS = 6;
/** The proxies that are measured with workers. */
const WITH_WORKERS = 4;
/** Each of the three ways in which an algorithm is measured. */
const PICKING_SECONDS = 3;
/** Each kind of routes, as texts and as bytes. */
const ROUTING_SECONDS = 3;
/** The setups that are measured with and without middlewares. */
const WITH_MIDDLEWARE = 4;
const COLD_STARTS_SECONDS = 3;
/** Two million requests to one `lb`. */
const MEMORY_SECONDS = 120;

/** What a run consists of. */
export interface Extent {
  readonly turns: readonly Turn[];
  readonly pace: Pace;
  readonly extras: readonly Extra[];
  /** How many proxies get idle clients. */
  readonly withIdleClients: number;
  /** How many of them are an `lb`. */
  readonly lbs: number;
}

/** The seconds that a run takes where it is alone. */
export function estimatedSeconds({ turns, pace, extras, withIdleClients, lbs }: Extent): number {
  const eachSeconds = secondsOfOne(pace);
  const extraSeconds: Record<Extra, number> = {
    idle: withIdleClients * IDLE_SECONDS,
    workers: WITH_WORKERS * eachSeconds,
    picking: ALGORITHMS.length * 3 * PICKING_SECONDS,
    routing: ROUTE_KINDS.length * 2 * ROUTING_SECONDS,
    middleware: pace.rounds * WITH_MIDDLEWARE * secondsOfOne(turnsOfRound(pace)),
    "cold-start": COLD_STARTS_SECONDS,
    memory: lbs * MEMORY_SECONDS,
  };
  const parts = turns.reduce((sum, { contenders }) => sum + contenders.length, 0);
  return parts * eachSeconds + extras.reduce((sum, extra) => sum + extraSeconds[extra], 0);
}

/** One proxy in one case. */
function secondsOfOne({ rounds, seconds, warmUpSeconds }: Pace): number {
  return START_SECONDS + warmUpSeconds + rounds * (seconds + AROUND_A_TURN_SECONDS);
}
