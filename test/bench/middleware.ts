import { BROWSER_CASE_IDS, CASES } from "./cases.ts";
import type { Contender } from "./contenders/contender.ts";
import { FLAGS_ALONE } from "./contenders/lb-files.ts";
import { APART, BenchError } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { differenceOf, ratioOf, type Spread, spreadOf } from "./statistics.ts";
import { measureCase, type Pace, type Result, type Sample } from "./throughput.ts";

/**
 * What routes and middlewares add to a request, in `lb` as people run it.
 *
 * The budget is a few percent, and two processes of one program may differ by as much for as long as they live, as the
 * engine has compiled them. So each round has fresh ones, which take turns of a second, and every second round begins
 * with the last of them: what a turn leaves behind then meets both sides.
 */

const TURN_SECONDS = 1;

/** What one setup costs beside flags alone. */
export interface MiddlewareCost {
  readonly name: string;
  /** CPU time for each request, in microseconds. */
  readonly cpuMicros: Spread;
  readonly requestsPerSecond: Spread;
  /** CPU time beyond that of flags alone, of the two in turn. */
  readonly addedMicros: Spread;
  /** CPU time to that of flags alone, of the two in turn. */
  readonly ratio: Spread;
}

/** Every setup's turns, and what they come to. */
export interface MiddlewareFigures {
  readonly results: readonly Result[];
  readonly costs: readonly MiddlewareCost[];
}

/** The case in which it is measured: requests of browsers, with heads that are worth reading. */
export function middlewareCase() {
  const of = CASES.find(({ id }) => id === BROWSER_CASE_IDS[0]);
  if (of === undefined) throw new BenchError(`there is no case ${BROWSER_CASE_IDS[0]}`);
  return of;
}

/** The turns of one round: as many seconds as a round has elsewhere, each by itself. */
export function turnsOfRound({ seconds, warmUpSeconds }: Pace): Pace {
  return { rounds: seconds, seconds: TURN_SECONDS, warmUpSeconds };
}

/** Measures the setups, of which one has to be flags alone. */
export async function measureMiddleware(
  processes: Processes,
  contenders: readonly Contender[],
  pace: Pace,
): Promise<MiddlewareFigures> {
  const turns = turnsOfRound(pace);
  const rounds: Result[][] = [];
  for (let round = 0; round < pace.rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    rounds.push(await measureCase(processes, order, middlewareCase(), turns, APART));
  }
  const names = contenders.map(({ name }) => name);
  const results = joinRounds(names, rounds, turns.rounds);
  return { results, costs: costsOf(results) };
}

/**
 * One result for each name, with the turns of all rounds in a row. Who did not even start has no turns in a round: there
 * they are undefined, so that all others still stand beside those that ran with them.
 *
 * @param turns How many each round has.
 */
export function joinRounds(
  names: readonly string[],
  rounds: readonly (readonly Result[])[],
  turns: number,
): Result[] {
  return names.map((name) => {
    const own = rounds.map((results) => results.find((result) => result.name === name));
    return {
      name,
      samples: own.flatMap((result) => Array.from({ length: turns }, (_, turn) => result?.samples[turn])),
      peakMemoryBytes: Math.max(...own.map((result) => result?.peakMemoryBytes ?? 0)),
      failures: own.flatMap((result, round) =>
        (result?.failures ?? []).map((failure) => `processes of round ${round + 1}, ${failure}`),
      ),
    };
  });
}

/** What each setup costs that has a turn beside one of flags alone; none if those all failed. */
export function costsOf(results: readonly Result[]): MiddlewareCost[] {
  const base = results.find(({ name }) => name === FLAGS_ALONE)?.samples.map(cpuOf) ?? [];
  return results.flatMap(({ name, samples }) => {
    const own = samples.map(cpuOf);
    const addedMicros = differenceOf(own, base);
    const ratio = ratioOf(own, base);
    if (addedMicros === undefined || ratio === undefined) return [];
    const measured = samples.filter((sample) => sample !== undefined);
    return {
      name,
      cpuMicros: spreadOf(measured.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)),
      requestsPerSecond: spreadOf(measured.map(({ requestsPerSecond }) => requestsPerSecond)),
      addedMicros,
      ratio,
    };
  });
}

function cpuOf(sample: Sample | undefined): number | undefined {
  return sample?.cpuMicrosPerRequest;
}
