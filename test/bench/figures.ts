import type { Case } from "./cases.ts";
import type { EnduranceResult } from "./endurance.ts";
import type { IdleResult } from "./idle.ts";
import type { Machine } from "./machine.ts";
import type { MiddlewareFigures } from "./middleware.ts";
import type { PickingCost } from "./picking.ts";
import type { RoutingCost } from "./routing.ts";
import type { Spread } from "./statistics.ts";
import type { Pace, Result } from "./throughput.ts";

/** Everything that one run measured; what it was not asked for is undefined or empty. */

/** The results of one case. */
export interface CaseFigures {
  readonly of: Case;
  readonly results: readonly Result[];
}

/** One run. */
export interface Figures {
  /** The day it was measured, as in 2000-12-31. */
  readonly date: string;
  readonly machine: Machine;
  /** Each program's name and its version. */
  readonly versions: readonly string[];
  readonly pace: Pace;
  readonly cases: readonly CaseFigures[];
  /** The main case with everything on both cores. */
  readonly workers: CaseFigures | undefined;
  readonly idle: readonly IdleResult[] | undefined;
  readonly endurance: readonly EnduranceResult[] | undefined;
  readonly picking: readonly PickingCost[] | undefined;
  readonly routing: readonly RoutingCost[] | undefined;
  readonly middleware: MiddlewareFigures | undefined;
  readonly coldStartMs: Spread | undefined;
}

/** The results of the case with this name; undefined if it was not measured. */
export function resultsOf({ cases }: Figures, id: string): readonly Result[] | undefined {
  return cases.find(({ of }) => of.id === id)?.results;
}
