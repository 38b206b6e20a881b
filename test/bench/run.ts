import { startBackend } from "./backend.ts";
import { CASES, type Case, caseName } from "./cases.ts";
import { measureColdStart, STARTS } from "./cold-start.ts";
import type { Contender } from "./contenders/contender.ts";
import { lbContenders, plainLb } from "./contenders/lb.ts";
import { findLb, type LbProgram } from "./contenders/lb-program.ts";
import { lineUp, workersLineUp } from "./contenders/lineup.ts";
import { measureEndurance } from "./endurance.ts";
import type { CaseFigures, Figures } from "./figures.ts";
import type { Flags, Subject } from "./flags.ts";
import { measureIdle } from "./idle.ts";
import { APART, LOAD_CORE, type Machine, type Placement, PROXY_CORE, TOGETHER } from "./machine.ts";
import { measurePicking } from "./picking.ts";
import type { Processes } from "./processes.ts";
import { caseRows, disturbance, enduranceRows, idleRows, pickingRows } from "./report.ts";
import { plainTable, range } from "./table.ts";
import { measureCase } from "./throughput.ts";
import { versionsHere } from "./versions.ts";

/** One run: measures what was asked for, in order, and prints each table as soon as it is there. */

/** What needs an `lb`. */
const NEEDS_LB: readonly Subject[] = ["lb", "workers", "memory", "cold-start"];

/** Measures and prints. */
export async function measure(flags: Flags, machine: Machine, processes: Processes): Promise<Figures> {
  const { only, pace } = flags;
  const wants = (subject: Subject) => only.includes(subject);
  const program = NEEDS_LB.some(wants) ? findLb(flags.lb, processes.directory) : undefined;
  const versions = versionsHere(program?.version);
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}`);
  console.log(versions.join(", "));
  console.log(
    `proxies on core ${PROXY_CORE}, wrk and backend on core ${LOAD_CORE}; ${pace.rounds} rounds of ${pace.seconds} s`,
  );
  const isWanted = (name: string) => only.some((subject) => subject === name);
  const contenders = lineUp(wants("lb") ? program : undefined, isWanted);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    versions,
    pace,
    cases: contenders.length === 0 ? [] : await cases(flags, processes, contenders),
    workers: program && wants("workers") ? await workers(flags, processes, program) : undefined,
    idle: wants("idle") ? await idle(flags, processes, contenders) : undefined,
    endurance: program && wants("memory") ? await endurance(processes, program) : undefined,
    picking: wants("picking") ? await picking(processes) : undefined,
    coldStartMs: program && wants("cold-start") ? await coldStart(processes, program) : undefined,
  };
}

async function cases(flags: Flags, processes: Processes, contenders: readonly Contender[]) {
  const figures: CaseFigures[] = [];
  for (const next of flags.cases) {
    const hasPeers = !flags.isShort || next.hasPeersInShortRun;
    const those = contenders.filter(({ isPeer }) => hasPeers || !isPeer);
    if (those.length > 0) figures.push(await oneCase(flags, processes, those, next, APART));
  }
  return figures;
}

async function workers(flags: Flags, processes: Processes, program: LbProgram) {
  const contenders = workersLineUp(program);
  const [main] = CASES;
  if (contenders.length === 0 || main === undefined) return undefined;
  console.log("\nproxy, wrk and backend share both cores:");
  return oneCase(flags, processes, contenders, main, TOGETHER);
}

async function oneCase(
  { pace }: Flags,
  processes: Processes,
  contenders: readonly Contender[],
  next: Case,
  place: Placement,
): Promise<CaseFigures> {
  console.log(`\n${caseName(next)}`);
  const results = await measureCase(processes, contenders, next, pace, place);
  console.log(plainTable(caseRows(results)));
  const noise = disturbance(results);
  if (noise !== undefined) console.log(noise);
  return { of: next, results };
}

async function idle({ isShort }: Flags, processes: Processes, contenders: readonly Contender[]) {
  const those = contenders.filter(({ isPeer }) => !isShort || !isPeer);
  const results = await measureIdle(processes, those);
  console.log(`\nidle clients\n${plainTable(idleRows(results))}`);
  return results;
}

async function endurance(processes: Processes, program: LbProgram) {
  const results = await measureEndurance(processes, lbContenders(program));
  console.log(`\nmemory after many requests\n${plainTable(enduranceRows(results))}`);
  return results;
}

async function picking(processes: Processes) {
  const costs = await measurePicking(processes);
  console.log(`\n${plainTable(pickingRows(costs))}`);
  return costs;
}

async function coldStart(processes: Processes, program: LbProgram) {
  const backend = await startBackend(processes, APART);
  const spread = await measureColdStart(processes, plainLb(program), backend);
  await backend.server.stop();
  console.log(`\ncold start of lb: ${spread.median.toFixed(0)} ms (${range(spread, 0)}, ${STARTS} starts)`);
  return spread;
}
