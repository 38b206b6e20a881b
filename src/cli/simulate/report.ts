import type { SimulationResult } from "../../simulation/result.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { troubledOf } from "../../simulation/troubles.ts";
import { aligned } from "../aligned.ts";
import type { Paint } from "../colours.ts";
import { timeText } from "../time-text.ts";
import { shareText } from "./simulate-flags.ts";
import type { SimulateSettings } from "./simulate-settings.ts";

const HEADINGS = [
  "algorithm",
  "p50",
  "p99",
  "p99.9",
  "requests max/mean",
  "in flight max/mean",
  "errors",
  "retries",
  "ejections",
];

/** The results as a table, one line an algorithm. */
export function resultTable(results: readonly SimulationResult[], paint: Paint): string {
  const [headings = [], ...rows] = aligned([HEADINGS, ...results.map(cellsOf)], 1);
  const lines = [paint("gray", headings.join("  ")), ...rows.map((row) => row.join("  "))];
  return `${lines.join("\n")}\n`;
}

function cellsOf(result: SimulationResult): string[] {
  const { algorithm, latencyMs, imbalance, errorRate, retries, ejections } = result;
  return [
    algorithm,
    latencyText(latencyMs.p50),
    latencyText(latencyMs.p99),
    latencyText(latencyMs.p999),
    imbalance.requests.toFixed(2),
    imbalance.inFlight.toFixed(2),
    rateText(errorRate),
    countText(retries),
    countText(ejections),
  ];
}

/** Everything as JSON: the scenario, and the results in the order of the table. */
export function resultsJson(
  { backends, scenario }: SimulateSettings,
  results: readonly SimulationResult[],
): string {
  return `${JSON.stringify({ scenario: { backends, ...scenario }, results })}\n`;
}

/** What was simulated, in a few lines. */
export function scenarioLines({ backends, scenario }: SimulateSettings): string[] {
  const { requestsPerSecond, durationMs, seed, concurrency, serviceMs, distribution } = scenario;
  const load = shareText(Math.round(loadOf(backends, scenario) * 1000) / 1000);
  const troubles = troubleTexts(backends, scenario);
  return [
    `${countText(backends)} backends: ${countText(concurrency)} requests at once, ${timeText(serviceMs)} each (${distribution})`,
    `${countText(requestsPerSecond)} requests a second for ${timeText(durationMs)}, ${load} of what the backends can do; seed ${seed}`,
    ...(troubles.length === 0 ? [] : [troubles.join("; ")]),
  ];
}

/** What the backends are asked to do, as a share of what all of them together could. */
function loadOf(backends: number, scenario: Scenario): number {
  const { requestsPerSecond, concurrency, serviceMs, slowness } = scenario;
  const slow = troubledOf(scenario, backends).slow.length;
  const perSecond = (concurrency * 1000) / serviceMs;
  return requestsPerSecond / (perSecond * (backends - slow + slow / slowness));
}

function troubleTexts(backends: number, scenario: Scenario): string[] {
  const { slow, crashing, faulty } = troubledOf(scenario, backends);
  const { slowness, crashEveryMs, restartMs, refusals, resets, errors, unavailable } = scenario;
  const texts: string[] = [];
  const tell = ({ length }: readonly number[], one: string, many: string, what: string) => {
    if (length > 0) texts.push(`${countText(length)} ${length === 1 ? one : many} ${what}`);
  };
  tell(slow, "is", "are", `${slowness} times slower`);
  tell(crashing, "crashes", "crash", `every ${timeText(crashEveryMs)}, for ${timeText(restartMs)}`);
  if (refusals > 0) tell(faulty, "refuses", "refuse", `${shareText(refusals)} of connections`);
  if (resets > 0) tell(faulty, "resets", "reset", `${shareText(resets)} of requests`);
  if (errors > 0) tell(faulty, "answers", "answer", `${shareText(errors)} of requests with 500`);
  if (unavailable > 0) tell(faulty, "answers", "answer", `${shareText(unavailable)} of requests with 503`);
  return texts;
}

/** A time with as many digits as mean something. */
export function latencyText(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

/** A whole number as people read it. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

function rateText(rate: number): string {
  if (rate === 0) return "0 %";
  return rate < 0.000_01 ? "<0.001 %" : `${(rate * 100).toFixed(3)} %`;
}
