import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { caseName, MAIN_CASE_ID } from "./cases.ts";
import { costChart } from "./chart.ts";
import { type Figures, resultsOf } from "./figures.ts";
import { LOAD_CORE, PROXY_CORE } from "./machine.ts";
import { middlewareCase } from "./middleware.ts";
import {
  caseRows,
  disturbance,
  enduranceRows,
  idleRows,
  middlewareRows,
  pickingRows,
  routingRows,
} from "./report.ts";
import { markdownTable, range } from "./table.ts";
import { type Verdict, verdictLine } from "./verdicts.ts";

/** Writes a run's figures into the docs: between two marks of the page, and as a chart beside it. */

const PAGE = fileURLToPath(new URL("../../docs/BENCHMARK.md", import.meta.url));
const CHART = fileURLToPath(new URL("../../docs/benchmark.svg", import.meta.url));
const BEGIN = "<!-- figures: written by `bun run bench --write-docs` -->";
const END = "<!-- /figures -->";

/**
 * Replaces what stood between the marks.
 *
 * @throws Error if the page has no marks, or the run lacks the case that the chart shows.
 */
export function writeDocs(figures: Figures, verdicts: readonly Verdict[]): void {
  const main = figures.cases.find(({ of }) => of.id === MAIN_CASE_ID);
  if (main === undefined) throw new Error(`nothing to draw: ${MAIN_CASE_ID} was not measured`);
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`${PAGE} lacks the marks ${BEGIN} and ${END}`);
  const title = `What a request costs: ${caseName(main.of)}`;
  writeFileSync(CHART, costChart(main.results, title, `${figures.date}, ${figures.machine.cpu}`));
  const before = page.slice(0, begin + BEGIN.length);
  writeFileSync(PAGE, `${before}\n${figuresText(figures, verdicts)}\n${page.slice(end)}`);
}

/** The figures as Markdown. */
export function figuresText(figures: Figures, verdicts: readonly Verdict[]): string {
  const { date, machine, versions, pace, cases, workers, coldStartMs } = figures;
  const { idle, endurance, picking, routing, middleware } = figures;
  const parts = [
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}. ${versions.join(", ")}.
Medians of ${pace.rounds} rounds of ${pace.seconds} s each; the proxy has core ${PROXY_CORE}, load and backend core ${LOAD_CORE}.`,
  ];
  if (resultsOf(figures, MAIN_CASE_ID) !== undefined) {
    parts.push("![CPU microseconds a request in each proxy](benchmark.svg)");
  }
  for (const { of, results } of cases) {
    parts.push(section(caseName(of), caseRows(results), disturbance(results)));
  }
  if (workers !== undefined) {
    const name = `${caseName(workers.of)}; proxy, load and backend share both cores`;
    parts.push(section(name, caseRows(workers.results), disturbance(workers.results)));
  }
  if (idle !== undefined) parts.push(section("Memory of idle clients", idleRows(idle)));
  if (endurance !== undefined) parts.push(section("Memory after many requests", enduranceRows(endurance)));
  if (picking !== undefined) parts.push(section("Picking a backend", pickingRows(picking)));
  if (routing !== undefined) parts.push(section("Finding a route", routingRows(routing)));
  if (middleware !== undefined) {
    const name = `Routes and middlewares: ${caseName(middlewareCase())}`;
    parts.push(section(name, middlewareRows(middleware), disturbance(middleware.results)));
  }
  if (coldStartMs !== undefined) {
    const { median } = coldStartMs;
    parts.push(`Cold start of \`lb\`: ${median.toFixed(0)} ms (${range(coldStartMs, 0)}).`);
  }
  const judged = verdicts.filter(({ isKept }) => isKept !== undefined);
  if (judged.length > 0) {
    parts.push(`### Budgets\n\n${judged.map((verdict) => `- ${verdictLine(verdict)}`).join("\n")}`);
  }
  return `\n${parts.join("\n\n")}\n`;
}

function section(name: string, rows: Parameters<typeof markdownTable>[0], note?: string): string {
  return [`### ${name}`, markdownTable(rows), ...(note === undefined ? [] : [note])].join("\n\n");
}
