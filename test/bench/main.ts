/**
 * `bun run bench`: what a request costs in `lb`, in a bare relay and in other proxies, what picking a
 * backend costs, and how fast `lb` starts; then a verdict for each budget.
 */
import { writeFileSync } from "node:fs";
import { startBackend } from "./backend.ts";
import { measureColdStart, STARTS } from "./cold-start.ts";
import { caddy } from "./contenders/caddy.ts";
import type { Contender } from "./contenders/contender.ts";
import { haproxy } from "./contenders/haproxy.ts";
import { findLb, lb } from "./contenders/lb.ts";
import { nginx } from "./contenders/nginx.ts";
import { relay } from "./contenders/relay.ts";
import { type Flags, parseFlags, USAGE } from "./flags.ts";
import { BenchError, LOAD_CORE, type Machine, PROXY_CORE, setStage } from "./machine.ts";
import { measurePicking } from "./picking.ts";
import { Processes } from "./processes.ts";
import { caseName, caseTable, disturbance, pickingTable, range } from "./report.ts";
import { CASES, type Case, measureCase, type Result } from "./throughput.ts";
import { judgeColdStart, judgeCost, judgePicking, verdictLine } from "./verdicts.ts";

async function bench(flags: Flags): Promise<boolean> {
  const machine = setStage();
  const processes = new Processes();
  try {
    return await measure(flags, machine, processes);
  } finally {
    await processes.stopAll();
  }
}

/** Measures what was asked for and prints it; true if nothing failed and every budget measured is kept. */
async function measure(flags: Flags, machine: Machine, processes: Processes): Promise<boolean> {
  const ours = lb(needsLb(flags) ? findLb(flags.lb, processes.directory) : "");
  const contenders = [ours, relay, nginx, haproxy, caddy].filter((contender) => isWanted(contender, flags));
  const backendPort = await startBackend(processes);
  const { rounds, seconds } = flags.pace;
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Bun ${machine.bun}`);
  console.log(
    `proxies on core ${PROXY_CORE}, wrk and backend on core ${LOAD_CORE}; ${rounds} rounds of ${seconds} s`,
  );

  const cases: { of: Case; results: readonly Result[] }[] = [];
  const planned = contenders.length === 0 ? [] : flags.isQuick ? CASES.slice(0, 1) : CASES;
  for (const next of planned) {
    console.log(`\n${caseName(next)}`);
    const results = await measureCase(processes, contenders, backendPort, next, flags.pace);
    cases.push({ of: next, results });
    console.log(caseTable(results));
    const noise = disturbance(results);
    if (noise !== undefined) console.log(noise);
  }

  const picking = flags.only.includes("picking") ? await measurePicking(processes) : undefined;
  if (picking !== undefined) console.log(`\n${pickingTable(picking)}`);

  const hasColdStart = flags.only.includes("cold-start");
  const coldStart = hasColdStart ? await measureColdStart(processes, ours, backendPort) : undefined;
  if (coldStart !== undefined) {
    console.log(
      `\ncold start of lb: ${coldStart.median.toFixed(0)} ms (${range(coldStart, 0)}, ${STARTS} starts)`,
    );
  }

  const verdicts = [judgeCost(cases[0]?.results), ...judgePicking(picking), judgeColdStart(coldStart)];
  console.log(`\n${verdicts.map(verdictLine).join("\n")}`);
  if (flags.json !== undefined) {
    const figures = { machine, pace: flags.pace, cases, picking, coldStartMs: coldStart, verdicts };
    writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
  }

  const failures = cases.flatMap(({ of, results }) =>
    results.flatMap(({ name, failures }) =>
      failures.map((failure) => `${name}, ${caseName(of)}, ${failure}`),
    ),
  );
  for (const failure of failures) console.error(`FAILED RUN  ${failure}`);
  return failures.length === 0 && verdicts.every(({ isKept }) => isKept !== false);
}

function needsLb({ only }: Flags): boolean {
  return only.includes("lb") || only.includes("cold-start");
}

/** Whether it was asked for and is there; says so if it is not. */
function isWanted(contender: Contender, { only }: Flags): boolean {
  if (!only.some((name) => name === contender.name)) return false;
  const reason = contender.missing();
  if (reason !== undefined) console.log(`${contender.name}: skipped, ${reason}`);
  return reason === undefined;
}

try {
  const flags = parseFlags(process.argv.slice(2));
  if (flags === undefined) console.log(USAGE);
  process.exit(flags === undefined || (await bench(flags)) ? 0 : 1);
} catch (error) {
  console.error(error instanceof BenchError ? error.message : error);
  process.exit(2);
}
