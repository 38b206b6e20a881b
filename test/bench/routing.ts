import { fileURLToPath } from "node:url";
import { APART, BenchError } from "./machine.ts";
import type { Processes } from "./processes.ts";
import { ROUTE_KINDS, type RouteKindName } from "./route-kinds.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What finding a request's route costs, among 10 and among 1,000. */

const PROGRAM = fileURLToPath(new URL("routing-samples.ts", import.meta.url));

/** The costs with one kind of routes. */
export interface RoutingCost {
  /** The kind, and whether requests are bytes. */
  readonly name: string;
  /** Whether the budget speaks of it: it is of texts, since what is read from bytes is the same among few and many. */
  readonly hasBudget: boolean;
  /** Nanoseconds among 10 routes. */
  readonly few: Spread;
  /** Nanoseconds among 1,000. */
  readonly many: Spread;
  /** Of the two, measured in turn. */
  readonly ratio: Spread;
}

/** Measures every kind, alone on the proxies' core. */
export async function measureRouting(processes: Processes): Promise<RoutingCost[]> {
  const costs: RoutingCost[] = [];
  for (const kind of ROUTE_KINDS) {
    costs.push(await measure(processes, kind, "text"));
    costs.push(await measure(processes, kind, "bytes"));
  }
  return costs;
}

async function measure(
  processes: Processes,
  kind: RouteKindName,
  form: "text" | "bytes",
): Promise<RoutingCost> {
  const program = processes.start("routing", {
    argv: APART.forProxy([process.execPath, "run", PROGRAM, kind, form]),
  });
  const status = await program.ended;
  if (status !== 0) throw new BenchError(`routing ended with ${status}:\n${program.said()}`);
  const samples = JSON.parse(program.said()) as { few: number; many: number }[];
  return {
    name: form === "text" ? kind : `${kind}, of bytes`,
    hasBudget: form === "text",
    few: spreadOf(samples.map(({ few }) => few)),
    many: spreadOf(samples.map(({ many }) => many)),
    ratio: spreadOf(samples.map(({ few, many }) => many / few)),
  };
}
