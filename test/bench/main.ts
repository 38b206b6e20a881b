/**
 * `bun run bench`: what a request costs in `lb`, in a bare relay and in other proxies, what memory clients
 * cost, what picking a backend, finding a route and passing middlewares cost, and how fast `lb` starts; then a verdict for each budget.
 */
import { writeFileSync } from "node:fs";
import { caseName } from "./cases.ts";
import { writeDocs } from "./docs-page.ts";
import type { Figures } from "./figures.ts";
import { type Flags, parseFlags, USAGE } from "./flags.ts";
import { BenchError, setStage } from "./machine.ts";
import { Processes } from "./processes.ts";
import { measure } from "./run.ts";
import { judgeAll, verdictLine } from "./verdicts.ts";

/** True if nothing failed and every budget measured is kept. */
async function bench(flags: Flags): Promise<boolean> {
  const machine = setStage();
  const processes = new Processes();
  let figures: Figures;
  try {
    figures = await measure(flags, machine, processes);
  } finally {
    await processes.stopAll();
  }
  const verdicts = judgeAll(figures);
  const judged = verdicts.filter(({ isKept }) => isKept !== undefined);
  console.log(`\n${(flags.isPartial ? judged : verdicts).map(verdictLine).join("\n")}`);
  if (flags.json !== undefined) {
    writeFileSync(flags.json, `${JSON.stringify({ ...figures, verdicts }, null, 2)}\n`);
  }
  const failures = failuresOf(figures);
  for (const failure of failures) console.error(`FAILED RUN  ${failure}`);
  if (flags.isForDocs) {
    if (failures.length === 0) writeDocs(figures, verdicts);
    else console.error("The docs are left as they are, since runs failed.");
  }
  return failures.length === 0 && verdicts.every(({ isKept }) => isKept !== false);
}

function failuresOf({ cases, workers, middleware, idle, endurance }: Figures): string[] {
  const named = [
    ...[...cases, ...(workers === undefined ? [] : [workers])].flatMap(({ of, results }) =>
      results.map(({ name, failures }) => ({ name, what: caseName(of), failures })),
    ),
    ...(middleware?.results ?? []).map(({ name, failures }) => ({ name, what: "middleware", failures })),
    ...(idle ?? []).map(({ name, failures }) => ({ name, what: "idle clients", failures })),
    ...(endurance ?? []).map(({ name, failures }) => ({ name, what: "many requests", failures })),
  ];
  return named.flatMap(({ name, what, failures }) =>
    failures.map((failure) => `${name}, ${what}, ${failure}`),
  );
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags === undefined) console.log(USAGE);
  process.exit(flags === undefined || (await bench(flags)) ? 0 : 1);
} catch (error) {
  console.error(error instanceof BenchError ? error.message : error);
  process.exit(2);
}
