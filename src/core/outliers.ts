import { type Backend, Exclusion } from "./backend.ts";

/** How much worse than the others, or than is bearable, a backend must be to be an outlier. */
export interface OutlierRules {
  /** Standard deviations below the mean success rate that make an outlier; 0 is never. */
  readonly successRateDeviation: number;
  /** The least number of backends, each with enough requests, for success rates to be compared. */
  readonly successRateMinHosts: number;
  /** The least number of requests in an interval for a backend's success rate to count. */
  readonly successRateMinRequests: number;
  /** Failures in a hundred requests that make an outlier; 0 is never. */
  readonly failurePercent: number;
  /** The least number of backends, each with enough requests, for the percentage to be looked at. */
  readonly failureMinHosts: number;
  /** The least number of requests in an interval for a backend's percentage to count. */
  readonly failureMinRequests: number;
}

/** A backend that stands out, and why, in words for a log. */
export interface Outlier {
  readonly backend: Backend;
  readonly reason: string;
}

/** What one backend did in an interval. */
interface Sample {
  readonly backend: Backend;
  /** Of a hundred requests, how many went well. */
  readonly successPercent: number;
}

/** What the sums may be off by, in percent: backends that are all alike must not stand out by it. */
const ROUNDING = 1e-9;

/**
 * The backends that are less successful than the mean by so many standard deviations, the worst first. It
 * finds what is bad in comparison: if all fail alike, none stands out (Envoy, "success rate").
 */
export function successRateOutliers(members: readonly Backend[], rules: OutlierRules): Outlier[] {
  const { successRateDeviation, successRateMinHosts, successRateMinRequests } = rules;
  if (successRateDeviation <= 0) return [];
  const samples = samplesOf(members, successRateMinRequests);
  if (samples.length < Math.max(1, successRateMinHosts)) return [];
  const mean = average(samples.map(({ successPercent }) => successPercent));
  const variance = average(samples.map(({ successPercent }) => (successPercent - mean) ** 2));
  const least = mean - successRateDeviation * Math.sqrt(variance);
  return samples
    .filter(({ successPercent }) => least - successPercent > ROUNDING)
    .map(({ backend, successPercent }) => ({
      backend,
      reason: `success rate of ${percentText(successPercent)}, less than ${percentText(least)}`,
    }));
}

/** The backends of whose requests so many in a hundred fail, the worst first (Envoy, "failure percentage"). */
export function failureOutliers(members: readonly Backend[], rules: OutlierRules): Outlier[] {
  const { failurePercent, failureMinHosts, failureMinRequests } = rules;
  if (failurePercent <= 0) return [];
  const samples = samplesOf(members, failureMinRequests);
  if (samples.length < failureMinHosts) return [];
  return samples
    .filter(({ successPercent }) => 100 - successPercent >= failurePercent)
    .map(({ backend, successPercent }) => ({
      backend,
      reason: `${percentText(100 - successPercent)} of ${backend.sampledRequests} requests failed`,
    }));
}

/** The backends with enough requests that are not ejected already, the least successful first. */
function samplesOf(members: readonly Backend[], minRequests: number): Sample[] {
  return members
    .filter(
      (backend) =>
        backend.sampledRequests > 0 &&
        backend.sampledRequests >= minRequests &&
        !backend.isExcluded(Exclusion.ejected),
    )
    .map((backend) => ({
      backend,
      successPercent: 100 * (1 - backend.sampledFailures / backend.sampledRequests),
    }))
    .sort((a, b) => a.successPercent - b.successPercent);
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function percentText(percent: number): string {
  return `${percent.toFixed(1)} %`;
}
