import { imbalanceOf } from "./load-meter.ts";
import { ERRORS, type ErrorKind } from "./measurements.ts";
import type { Load, Simulation } from "./simulation.ts";

/** The percentiles that a result tells, and the shares of requests that they stand for. */
const PERCENTILES = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999, p9999: 0.9999 } as const;

/** A run in numbers. */
export interface SimulationResult {
  /** Its name. */
  readonly algorithm: string;
  /** Requests that arrived. */
  readonly requests: number;
  /** From a request's arrival until its client had an answer, good or bad, or left, in milliseconds. */
  readonly latencyMs: Readonly<Record<"mean" | keyof typeof PERCENTILES | "max", number>>;
  /** How much more the busiest backend had than the mean of all: 1 is fair. */
  readonly imbalance: {
    /** Of the requests sent to it. */
    readonly requests: number;
    /** Of the requests under way there, on average over time. */
    readonly inFlight: number;
  };
  /** The share of requests without a good answer. */
  readonly errorRate: number;
  /** How many of them for which reason. */
  readonly errors: Readonly<Record<ErrorKind, number>>;
  /** Tries after the first. */
  readonly retries: number;
  /** How often a backend was taken out. */
  readonly ejections: number;
  /** For each backend. */
  readonly load: Load;
  /** The latency in milliseconds at every twentieth of a nine: at places 0, 20, 40, … those of 0, 90, 99, … %. */
  readonly latencyCurveMs: readonly number[];
}

/** The steps of the curve between one nine and the next. */
export const STEPS_A_NINE = 20;
const NINES = 4;

/** What a run that is over came to. Numbers are rounded to what they are good for. */
export function resultOf(algorithm: string, { measurements, arrived, load }: Simulation): SimulationResult {
  const { latency } = measurements;
  const percentiles = Object.entries(PERCENTILES).map(([name, share]) => [
    name,
    rounded(latency.quantileMs(share)),
  ]);
  const errors = Object.fromEntries(ERRORS.map((kind) => [kind, measurements.errors(kind)]));
  const wrong = ERRORS.reduce((sum, kind) => sum + measurements.errors(kind), 0);
  return {
    algorithm,
    requests: arrived,
    latencyMs: {
      mean: rounded(latency.meanMs),
      ...(Object.fromEntries(percentiles) as Record<keyof typeof PERCENTILES, number>),
      max: rounded(latency.longestMs),
    },
    imbalance: {
      requests: rounded(imbalanceOf(load.requests)),
      inFlight: rounded(imbalanceOf(load.meanInFlight)),
    },
    errorRate: arrived === 0 ? 0 : wrong / arrived,
    errors: errors as Record<ErrorKind, number>,
    retries: measurements.retries,
    ejections: measurements.ejections,
    load: { requests: load.requests, meanInFlight: load.meanInFlight.map(rounded) },
    latencyCurveMs: curveOf(latency.count, (share) => rounded(latency.quantileMs(share))),
  };
}

/** As far as there are requests enough to tell. */
function curveOf(count: number, quantileMs: (share: number) => number): number[] {
  const steps = Math.floor(STEPS_A_NINE * Math.min(NINES, Math.log10(Math.max(1, count))));
  return Array.from({ length: steps + 1 }, (_, step) => quantileMs(1 - 10 ** (-step / STEPS_A_NINE)));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
