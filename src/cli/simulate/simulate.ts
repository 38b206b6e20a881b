import { closeSync, openSync, writeSync } from "node:fs";
import { ConfigError } from "../../config/problem.ts";
import { resultOf, type SimulationResult } from "../../simulation/result.ts";
import { type Policy, Simulation } from "../../simulation/simulation.ts";
import { systemClock } from "../../system.ts";
import { paintFor } from "../colours.ts";
import type { Command } from "../command.ts";
import { outliveReader } from "../log.ts";
import { latencyAndLoadChart } from "./chart.ts";
import { countText, resultsJson, resultTable, scenarioLines } from "./report.ts";
import { SIMULATE_FLAGS } from "./simulate-flags.ts";
import { type SimulateSettings, simulateSettings } from "./simulate-settings.ts";

/** How many events go by between two looks at how far it is. */
const EVENTS_A_LOOK = 1_000_000;

/** `lb simulate`: the balancer itself, on a clock that skips, before backends that exist only as numbers. */
export const simulateCommand: Command = {
  name: "simulate",
  summary: "put a setup through simulated traffic and faults before real ones come",
  flags: SIMULATE_FLAGS,
  examples: [
    ["lb simulate --slow 5% --compare all", "every algorithm, where one backend in twenty is slow"],
    [
      "lb simulate --backends 1000 --rps 100000 --seconds 600 --slow 5% --crash 2% --seed 7",
      "sixty million requests",
    ],
    ["lb simulate --errors 50% --faulty 1% --json", "one backend fails half its requests; for a script"],
    ["lb simulate --compare all --svg chart.svg", "latencies and loads as a chart"],
  ],
  async run(given) {
    const settings = simulateSettings(given);
    outliveReader(process.stdout);
    // Opened before the work, so that nobody waits for a chart that cannot be written.
    const svg = settings.svg === undefined ? undefined : openForWriting(settings.svg);
    const results = settings.policies.map((policy) => simulated(policy, settings));
    process.stdout.write(settings.isJson ? resultsJson(settings, results) : reportOf(settings, results));
    if (svg !== undefined) {
      writeSync(svg, latencyAndLoadChart(settings, results));
      closeSync(svg);
    }
    return 0;
  },
};

/** Runs one policy, and says on standard error how far and how fast: that is not part of the result. */
function simulated(policy: Policy, { scenario }: SimulateSettings): SimulationResult {
  const algorithm = String(policy.balancer.algorithm);
  const simulation = new Simulation(policy, scenario);
  const startMs = systemClock.nowMs();
  const { stderr } = process;
  for (let events = 1; simulation.step(); events++) {
    if (events % EVENTS_A_LOOK !== 0 || !stderr.isTTY) continue;
    stderr.write(`\r${algorithm}: ${Math.floor(simulation.progress * 100)} %`);
  }
  const seconds = (systemClock.nowMs() - startMs) / 1000;
  const speed = `${countText(Math.round(simulation.arrived / seconds))} a second`;
  const line = `${algorithm}: ${countText(simulation.arrived)} requests in ${seconds.toFixed(1)} s, ${speed}`;
  stderr.write(`${stderr.isTTY ? "\r" : ""}${line}\n`);
  return resultOf(algorithm, simulation);
}

function reportOf(settings: SimulateSettings, results: readonly SimulationResult[]): string {
  return `${scenarioLines(settings).join("\n")}\n\n${resultTable(results, paintFor(process.stdout))}`;
}

function openForWriting(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`--svg: cannot write to ${path}: ${reason}`);
  }
}
