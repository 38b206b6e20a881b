import type { StateName } from "../../core/backend.ts";
import type { BackendVerdict } from "../../core/explanation/pool-verdict.ts";
import type { Explanation, PoolExplanation } from "../../serving/explanation.ts";
import { aligned } from "../aligned.ts";
import type { Paint } from "../colours.ts";

/** The explanation as JSON, in one line. */
export function explanationJson(explanation: Explanation): string {
  return `${JSON.stringify(explanation)}\n`;
}

/** The explanation to be read at a terminal: what becomes of the request first, and then why. */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const { outcome, notes } = explanation;
  const lines = [
    paint("bold", requestText(explanation)),
    paint(outcome.includes("is answered") ? "yellow" : "green", outcome),
    ...routeLines(explanation, paint),
    ...middlewareLines(explanation, paint),
    ...explanation.pools.flatMap((pool) => poolLines(pool, paint)),
    ...mirrorLines(explanation, paint),
    ...(notes.length === 0 ? [] : ["", ...notes.map((note) => paint("yellow", note))]),
  ];
  return `${lines.join("\n")}\n`;
}

function requestText({ request }: Explanation): string {
  const { method, host, path, query, client } = request;
  const target = query === "" ? path : `${path}?${query}`;
  return `${method} ${target} for ${host || "no host"} from ${client || "an unknown client"}`;
}

function routeLines({ routes, params }: Explanation, paint: Paint): string[] {
  if (routes.length === 0) return [];
  const cells = aligned(
    routes.map(({ name, reason }) => [name, reason]),
    2,
  );
  const values = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return [
    ...heading("Routes, in the order in which they are asked", paint),
    ...routes.map(({ isMatch }, index) => {
      const text = `${isMatch ? "→" : " "} ${cells[index]?.join("  ")}`.trimEnd();
      return isMatch ? paint("green", text) : paint("gray", text);
    }),
    ...(values.length === 0 ? [] : [`  with ${values.join(", ")}`]),
  ];
}

function middlewareLines({ middleware }: Explanation, paint: Paint): string[] {
  if (middleware.length === 0) return [];
  const names = middleware.map((name, index) => {
    return `  ${index + 1}. ${name === String(index + 1) ? "a function without a name" : name}`;
  });
  return [...heading("Middlewares", paint), ...names];
}

function poolLines(pool: PoolExplanation, paint: Paint): string[] {
  const { algorithm, rule, key, panic, tiers } = pool;
  const share = pool.share === 1 ? "" : `, ${percent(pool.share)} of the route's requests`;
  const mark = pool.isChosen ? "" : ", not this one";
  return [
    ...heading(`Pool ${pool.pool}${share}${mark}: ${pool.reason}`, paint),
    `  ${algorithm === "own" ? "" : `${algorithm}: `}${rule || "no backend gets requests"}`,
    ...(key === null
      ? []
      : [`  key (${key.source}): ${key.value === "" ? "none" : JSON.stringify(key.value)}`]),
    ...(panic ? [paint("yellow", "  panic: so few backends are available that all get requests")] : []),
    ...(tiers.length < 2
      ? []
      : [`  tiers: ${tiers.map(({ tier, share: part }) => `${tier} gets ${percent(part)}`).join(", ")}`]),
    ...backendLines(pool, paint),
    `  ${paint("bold", pool.outcome)}`,
  ];
}

const HEADINGS = ["backend", "state", "weight", "tier", "in flight", "chance"];

function backendLines({ backends, backend: chosen }: PoolExplanation, paint: Paint): string[] {
  const [headings = [], ...rows] = aligned([HEADINGS, ...backends.map(cellsOf)], 2);
  const scores = aligned([["score"], ...backends.map(({ score }) => [score ?? "-"])], 1);
  return [
    paint("gray", `  ${[...headings, scores[0]?.[0], "why"].join("  ")}`),
    ...backends.map((backend, index) => {
      const [name = "", state = "", ...numbers] = rows[index] ?? [];
      const isChosen = backend.url === chosen;
      const painted = [
        `${isChosen ? paint("green", "→") : " "} ${isChosen ? paint("green", name) : name}`,
        paint(isAlive(backend.state) ? "green" : "red", state),
        ...numbers,
        scores[index + 1]?.[0],
        backend.reason,
      ];
      return painted.join("  ");
    }),
  ];
}

function cellsOf(backend: BackendVerdict): string[] {
  const { url, state, weight, tier, inFlight, limit, chance } = backend;
  return [
    url,
    `${isAlive(state) ? "●" : "○"} ${state}`,
    String(weight),
    String(tier),
    limit === 0 ? String(inFlight) : `${inFlight} of ${limit}`,
    chance === null ? "?" : percent(chance),
  ];
}

function mirrorLines({ mirror }: Explanation, paint: Paint): string[] {
  if (mirror === null) return [];
  return heading(`Pool ${mirror.pool} gets copies of ${mirror.percent} % of the route's requests`, paint);
}

function heading(text: string, paint: Paint): string[] {
  return ["", paint("bold", text)];
}

const ALIVE: ReadonlySet<StateName> = new Set(["unchecked", "up", "half-open"]);

function isAlive(state: StateName): boolean {
  return ALIVE.has(state);
}

/** As many digits as tell one part from another. */
function percent(part: number): string {
  return `${Number((part * 100).toPrecision(3))} %`;
}
