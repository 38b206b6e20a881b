import { type SimulationResult, STEPS_A_NINE } from "../../simulation/result.ts";
import { latencyText, scenarioLines } from "./report.ts";
import type { SimulateSettings } from "./simulate-settings.ts";

/** The results as an SVG image: latencies by percentile, and how evenly the backends were used. */

const WIDTH = 760;
const LEFT = 70;
const PLOT_WIDTH = WIDTH - LEFT - 20;
const PLOT_HEIGHT = 180;
/** Room above a plot for its heading, and below it for the words of its axis. */
const ABOVE = 44;
const BELOW = 40;
const LINE_HEIGHT = 18;

/** Told apart also by those who see red and green alike: Okabe and Ito, "Color Universal Design", 2008. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];
/** When the colours are used up, they come again in dashes. */
const DASHES = ["none", "6 3", "2 3"];

/** The points of a line, in places of the plot from 0 to 1: right, and up. */
type Line = readonly (readonly [x: number, y: number])[];

/** The most points that a line needs; more are not seen. */
const MOST_POINTS = 240;

/** The image. */
export function latencyAndLoadChart(
  settings: SimulateSettings,
  results: readonly SimulationResult[],
): string {
  const words = scenarioLines(settings);
  const requests = results.map(({ load }) => load.requests);
  const inFlight = results.map(({ load }) => load.meanInFlight);
  const legendTop = 34 + words.length * LINE_HEIGHT;
  const latencyTop = legendTop + Math.ceil(results.length / 3) * LINE_HEIGHT + ABOVE;
  const requestsTop = latencyTop + PLOT_HEIGHT + BELOW + ABOVE;
  const inFlightTop = requestsTop + PLOT_HEIGHT + BELOW + ABOVE;
  const height = inFlightTop + PLOT_HEIGHT + BELOW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">lb simulate</title>
  <desc id="description">${escaped(results.map(inWords).join("; "))}</desc>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 16px; font-weight: 600; }
    .heading { font-weight: 600; }
    .quiet { font-size: 12px; fill: #57606a; }
    line { stroke: #d0d7de; }
    polyline, .key { fill: none; stroke-width: 2; stroke-linejoin: round; }
${results.map((_, index) => `    .line-${index} { stroke: ${colourOf(index)}; stroke-dasharray: ${dashOf(index)}; }`).join("\n")}
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .quiet { fill: #9198a1; }
      line { stroke: #3d444d; }
    }
  </style>
  <text class="title" x="0" y="20">lb simulate</text>
${words.map((text, index) => `  <text class="quiet" x="0" y="${40 + index * LINE_HEIGHT}">${escaped(text)}</text>`).join("\n")}
${results.map(({ algorithm }, index) => legend(algorithm, index, legendTop)).join("\n")}
${latencyPlot(results, latencyTop)}
${loadPlot("Requests for each backend, where 1 is the mean", requests, requestsTop)}
${loadPlot("Requests under way at each backend, where 1 is the mean", inFlight, inFlightTop)}
</svg>
`;
}

function legend(algorithm: string, index: number, top: number): string {
  const x = (index % 3) * (WIDTH / 3);
  const y = top + 14 + Math.floor(index / 3) * LINE_HEIGHT;
  return [
    `  <line class="key line-${index}" x1="${x.toFixed(1)}" x2="${(x + 28).toFixed(1)}" y1="${y - 4}" y2="${y - 4}"/>`,
    `  <text x="${(x + 36).toFixed(1)}" y="${y}">${escaped(algorithm)}</text>`,
  ].join("\n");
}

/** Each nine is as wide as the one before, and each tenfold time as high. */
function latencyPlot(results: readonly SimulationResult[], top: number): string {
  const curves = results.map(({ latencyCurveMs }) => latencyCurveMs);
  // The very quickest say little, and would take up half of the plot.
  const shown = curves.flatMap((curve) => curve.slice(1)).filter((ms) => ms > 0);
  const bottom = Math.floor(Math.log10(Math.min(...shown, 1000)));
  const decades = Math.max(1, Math.ceil(Math.log10(Math.max(...shown, 1))) - bottom);
  const steps = Math.max(STEPS_A_NINE, ...curves.map((curve) => curve.length - 1));
  const lines = curves.map(
    (curve): Line =>
      curve.map((ms, step) => [step / steps, (Math.log10(Math.max(ms, 10 ** bottom)) - bottom) / decades]),
  );
  const nines = ["0", "90", "99", "99.9", "99.99"].slice(0, Math.floor(steps / STEPS_A_NINE) + 1);
  return plot(
    "Latency: so many percent of the requests were over within",
    lines,
    nines.map((percent, nine) => [(nine * STEPS_A_NINE) / steps, `${percent} %`]),
    Array.from({ length: decades + 1 }, (_, decade) => [decade / decades, decadeText(bottom + decade)]),
    top,
  );
}

/** 10 to the power of this, in milliseconds. */
function decadeText(exponent: number): string {
  return exponent < 3 ? `${10 ** exponent} ms` : `${10 ** (exponent - 3)} s`;
}

/** The loads of each algorithm's backends, from the most to the least. */
function loadPlot(heading: string, loads: readonly (readonly number[])[], top: number): string {
  const shares = loads.map((load) => {
    const mean = load.reduce((sum, requests) => sum + requests, 0) / load.length;
    return load.map((requests) => (mean === 0 ? 0 : requests / mean)).sort((a, b) => b - a);
  });
  const { heightOf, ticks } = loadScale(Math.max(...shares.map(([most = 0]) => most)));
  const lines = shares.map((sorted): Line => {
    const points = Math.min(MOST_POINTS, sorted.length);
    return Array.from({ length: points }, (_, point) => {
      const place = points < 2 ? 0 : point / (points - 1);
      return [place, heightOf(sorted[Math.round(place * (sorted.length - 1))] as number)];
    });
  });
  const ends: readonly Tick[] = [
    [0, "most"],
    [1, "least"],
  ];
  return plot(heading, lines, ends, ticks, top);
}

/** How loads up to this are drawn: evenly, or, if one would squeeze all others to the ground, each tenfold as high. */
function loadScale(most: number): { heightOf: (load: number) => number; ticks: readonly Tick[] } {
  const even = [2, 4, 8].find((highest) => highest >= most);
  if (even !== undefined) {
    const quarters = [0, 0.25, 0.5, 0.75, 1];
    return {
      heightOf: (load) => load / even,
      ticks: quarters.map((quarter) => [quarter, String(even * quarter)]),
    };
  }
  const decades = Math.ceil(Math.log10(most)) + 1;
  return {
    heightOf: (load) => Math.max(0, Math.log10(Math.max(load, 0.1)) + 1) / decades,
    ticks: Array.from({ length: decades + 1 }, (_, decade) => [
      decade / decades,
      decade === 0 ? "≤ 0.1" : String(10 ** (decade - 1)),
    ]),
  };
}

type Tick = readonly [place: number, label: string];

function plot(
  heading: string,
  lines: readonly Line[],
  across: readonly Tick[],
  up: readonly Tick[],
  top: number,
): string {
  const bottom = top + PLOT_HEIGHT;
  const x = (place: number) => (LEFT + place * PLOT_WIDTH).toFixed(1);
  const y = (place: number) => (bottom - place * PLOT_HEIGHT).toFixed(1);
  return [
    `  <text class="heading" x="0" y="${top - 18}">${escaped(heading)}</text>`,
    ...up.flatMap(([place, label]) => [
      `  <line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y(place)}" y2="${y(place)}"/>`,
      `  <text class="quiet" x="${LEFT - 8}" y="${(Number(y(place)) + 4).toFixed(1)}" text-anchor="end">${escaped(label)}</text>`,
    ]),
    ...across.flatMap(([place, label]) => [
      `  <line x1="${x(place)}" x2="${x(place)}" y1="${top}" y2="${bottom + 4}"/>`,
      `  <text class="quiet" x="${x(place)}" y="${bottom + 20}" text-anchor="${anchorOf(place)}">${escaped(label)}</text>`,
    ]),
    ...lines.map((line, index) => {
      const points = line.map(([right, above]) => `${x(right)},${y(above)}`).join(" ");
      return `  <polyline class="line-${index}" points="${points}"/>`;
    }),
  ].join("\n");
}

/** Words at an edge stay within it. */
function anchorOf(place: number): string {
  if (place === 0) return "start";
  return place === 1 ? "end" : "middle";
}

function inWords({ algorithm, latencyMs, imbalance }: SimulationResult): string {
  return `${algorithm}: p50 ${latencyText(latencyMs.p50)}, p99 ${latencyText(latencyMs.p99)}, busiest backend ${imbalance.requests.toFixed(2)} times the mean`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

function dashOf(index: number): string {
  return DASHES[Math.floor(index / COLOURS.length) % DASHES.length] as string;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
