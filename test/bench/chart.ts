import { LB } from "./contenders/lb.ts";
import { median } from "./statistics.ts";
import type { Result } from "./throughput.ts";

/** The chart of the main case, as SVG: what a request costs in each proxy, cheapest first. */

interface Bar {
  readonly name: string;
  readonly micros: number;
  readonly isOurs: boolean;
}

const WIDTH = 720;
const NAME_WIDTH = 150;
/** Room for the figure behind the longest bar. */
const FIGURE_WIDTH = 60;
const TOP = 64;
const ROW = 30;
const BAR = 18;
const BOTTOM = 40;

/** The image. Proxies of which no round came through are left out. */
export function costChart(results: readonly Result[], title: string, caption: string): string {
  const bars = barsOf(results);
  const height = TOP + bars.length * ROW + BOTTOM;
  const longest = Math.max(...bars.map(({ micros }) => micros));
  const scale = (WIDTH - NAME_WIDTH - FIGURE_WIDTH) / longest;
  const alternative = bars.map(({ name, micros }) => `${name} ${micros.toFixed(1)}`).join(", ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">${escaped(title)}</title>
  <desc id="description">${escaped(alternative)}</desc>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 16px; font-weight: 600; }
    .quiet { font-size: 12px; fill: #57606a; }
    .figure { font-variant-numeric: tabular-nums; }
    .ours { font-weight: 600; }
    rect { fill: #afb8c1; }
    rect.ours { fill: #0969da; }
    line { stroke: #d0d7de; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .quiet { fill: #9198a1; }
      rect { fill: #545d68; }
      rect.ours { fill: #4493f8; }
      line { stroke: #3d444d; }
    }
  </style>
  <text class="title" x="0" y="20">${escaped(title)}</text>
  <text class="quiet" x="0" y="42">microseconds of CPU a request, user and system; shorter is better</text>
${bars.map((bar, index) => barOf(bar, TOP + index * ROW, scale)).join("\n")}
  <line x1="${NAME_WIDTH}" x2="${NAME_WIDTH}" y1="${TOP - 4}" y2="${height - BOTTOM}"/>
  <text class="quiet" x="0" y="${height - 12}">${escaped(caption)}</text>
</svg>
`;
}

function barsOf(results: readonly Result[]): Bar[] {
  const bars = results.flatMap(({ name, samples }): Bar[] => {
    const costs = samples.flatMap((sample) => sample?.cpuMicrosPerRequest ?? []);
    if (costs.length === 0) return [];
    return [{ name, micros: median(costs), isOurs: name === LB || name.startsWith(`${LB} `) }];
  });
  return bars.sort((a, b) => a.micros - b.micros);
}

function barOf({ name, micros, isOurs }: Bar, y: number, scale: number): string {
  const width = (micros * scale).toFixed(1);
  const baseline = y + BAR - 5;
  const ours = isOurs ? " ours" : "";
  return [
    `  <text class="name${ours}" x="${NAME_WIDTH - 10}" y="${baseline}" text-anchor="end">${escaped(name)}</text>`,
    `  <rect class="bar${ours}" x="${NAME_WIDTH}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    `  <text class="figure${ours}" x="${(NAME_WIDTH + Number(width) + 8).toFixed(1)}" y="${baseline}">${micros.toFixed(1)}</text>`,
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
