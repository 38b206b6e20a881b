import { startBackend } from "./backend.ts";
import { CASES, caseName } from "./cases.ts";
import { measureColdStart, STARTS } from "./cold-start.ts";
import type { Contender } from "./contenders/contender.ts";
import { LB_IDS, lbContenders, plainLb } from "./contenders/lb.ts";
import { findLb, type LbProgram } from "./contenders/lb-program.ts";
import {
  chosen,
  idleLineUp,
  middlewareLineUp,
  present,
  type Turn,
  turnsOf,
  workersLineUp,
} from "./contenders/lineup.ts";
import { measureEndurance } from "./endurance.ts";
import { estimatedSeconds } from "./estimate.ts";
import type { CaseFigures, Figures } from "./figures.ts";
import type { Extra, Flags } from "./flags.ts";
import { measureIdle } from "./idle.ts";
import { APART, LOAD_CORE, type Machine, type Placement, PROXY_CORE, TOGETHER } from "./machine.ts";
import { type MiddlewareFigures, measureMiddleware, middlewareCase } from "./middleware.ts";
import { measurePicking } from "./picking.ts";
import type { Processes } from "./processes.ts";
import {
  caseRows,
  disturbance,
  enduranceRows,
  idleRows,
  middlewareRows,
  pickingRows,
  routingRows,
} from "./report.ts";
import { measureRouting } from "./routing.ts";
import { plainTable, range } from "./table.ts";
import { measureCase } from "./throughput.ts";
import { makeTls, missingTls, type Tls } from "./tls.ts";
import { versionsHere } from "./versions.ts";

/** One run: measures what was asked for, in order, and prints each table as soon as it is there. */

/** What is measured with proxies, and what with `lb` alone. */
const WITH_PROXIES: readonly Extra[] = ["idle"];
const WITH_LB: readonly Extra[] = ["workers", "middleware", "memory", "cold-start"];

/** Measures and prints. */
export async function measure(flags: Flags, machine: Machine, processes: Processes): Promise<Figures> {
  const { extras, pace } = flags;
  const wants = (extra: Extra) => extras.includes(extra);
  const program = needsLb(flags) ? findLb(flags, processes.directory) : undefined;
  const versions = versionsHere(program?.version);
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}`);
  console.log(versions.join(", "));
  const needsProxies = flags.cases.length > 0 || WITH_PROXIES.some(wants);
  const contenders = needsProxies ? present(chosen(program, flags)) : [];
  const withIdleClients = idleLineUp(contenders, flags);
  const lbs = program === undefined ? [] : measuredLbs(program, flags);
  const tls = tlsFor(flags, processes);
  const cases = flags.cases.filter(({ hasTls }) => !hasTls || tls !== undefined);
  const turns = turnsOf(cases, contenders, flags);
  const extent = { turns, pace, extras, withIdleClients: withIdleClients.length, lbs: lbs.length };
  const minutes = Math.max(1, Math.round(estimatedSeconds(extent) / 60));
  console.log(
    `proxies on core ${PROXY_CORE}, wrk and backend on core ${LOAD_CORE}; ${pace.rounds} rounds of ${pace.seconds} s; about ${minutes} min`,
  );
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    versions,
    pace,
    cases: await everyCase(flags, processes, turns, tls),
    workers: program && wants("workers") ? await workers(flags, processes, program) : undefined,
    idle: wants("idle") ? await idle(processes, withIdleClients) : undefined,
    endurance: wants("memory") ? await endurance(processes, lbs) : undefined,
    picking: wants("picking") ? await picking(processes) : undefined,
    routing: wants("routing") ? await routing(processes) : undefined,
    middleware: program && wants("middleware") ? await middleware(flags, processes, program) : undefined,
    coldStartMs: program && wants("cold-start") ? await coldStart(processes, program) : undefined,
  };
}

function needsLb({ cases, extras, proxies }: Flags): boolean {
  if (WITH_LB.some((extra) => extras.includes(extra))) return true;
  const isAmongProxies = LB_IDS.some((id) => proxies.includes(id));
  return isAmongProxies && (cases.length > 0 || WITH_PROXIES.some((extra) => extras.includes(extra)));
}

/** Each `lb` that was asked for; all of them if none was. */
function measuredLbs(program: LbProgram, { proxies, extras }: Flags): Contender[] {
  if (!extras.includes("memory")) return [];
  const all = present(lbContenders(program));
  const named = all.filter(({ id }) => proxies.includes(id));
  return named.length > 0 ? named : all;
}

function tlsFor({ cases }: Flags, processes: Processes): Tls | undefined {
  if (!cases.some(({ hasTls }) => hasTls)) return undefined;
  const reason = missingTls();
  if (reason === undefined) return makeTls(processes.directory);
  console.log(`cases with TLS: skipped, ${reason}`);
  return undefined;
}

async function everyCase(flags: Flags, processes: Processes, turns: readonly Turn[], tls: Tls | undefined) {
  const figures: CaseFigures[] = [];
  for (const turn of turns) figures.push(await oneCase(flags, processes, turn, APART, tls));
  return figures;
}

async function workers(flags: Flags, processes: Processes, program: LbProgram) {
  const contenders = workersLineUp(program);
  const [of] = CASES;
  if (contenders.length === 0 || of === undefined) return undefined;
  console.log("\nproxy, wrk and backend share both cores:");
  return oneCase(flags, processes, { of, contenders, leftOut: [] }, TOGETHER);
}

async function oneCase(
  { pace }: Flags,
  processes: Processes,
  { of, contenders, leftOut }: Turn,
  place: Placement,
  tls?: Tls,
): Promise<CaseFigures> {
  console.log(`\n${of.id}: ${caseName(of)}`);
  if (leftOut.length > 0) console.log(`without ${leftOut.join(", ")}`);
  const results = await measureCase(processes, contenders, of, pace, place, tls);
  console.log(plainTable(caseRows(results)));
  const noise = disturbance(results);
  if (noise !== undefined) console.log(noise);
  return { of, results };
}

async function idle(processes: Processes, contenders: readonly Contender[]) {
  const results = await measureIdle(processes, contenders);
  console.log(`\nidle clients\n${plainTable(idleRows(results))}`);
  return results;
}

async function endurance(processes: Processes, contenders: readonly Contender[]) {
  const results = await measureEndurance(processes, contenders);
  console.log(`\nmemory after many requests\n${plainTable(enduranceRows(results))}`);
  return results;
}

async function picking(processes: Processes) {
  const costs = await measurePicking(processes);
  console.log(`\n${plainTable(pickingRows(costs))}`);
  return costs;
}

async function routing(processes: Processes) {
  const costs = await measureRouting(processes);
  console.log(`\n${plainTable(routingRows(costs))}`);
  return costs;
}

async function middleware({ pace }: Flags, processes: Processes, program: LbProgram) {
  const contenders = middlewareLineUp(program);
  if (contenders.length === 0) return undefined;
  const figures: MiddlewareFigures = await measureMiddleware(processes, contenders, pace);
  console.log(
    `\nroutes and middlewares: ${caseName(middlewareCase())}\n${plainTable(middlewareRows(figures))}`,
  );
  const noise = disturbance(figures.results);
  if (noise !== undefined) console.log(noise);
  return figures;
}

async function coldStart(processes: Processes, program: LbProgram) {
  const backend = await startBackend(processes, APART);
  const spread = await measureColdStart(processes, plainLb(program), backend);
  await backend.server.stop();
  console.log(`\ncold start of lb: ${spread.median.toFixed(0)} ms (${range(spread, 0)}, ${STARTS} starts)`);
  return spread;
}
